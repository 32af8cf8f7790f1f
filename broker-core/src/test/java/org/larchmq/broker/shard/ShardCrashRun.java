package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32C;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.StateText;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.Checker;
import org.larchmq.checker.CheckerSettings;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.Mid;
import org.larchmq.checker.Mode;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import org.larchmq.checker.Verdict;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskWrapper;
import org.larchmq.store.io.PowerLoss;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreException;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;

/** One seed: clients work with a shard that dies several times; then everything is drained and judged. */
final class ShardCrashRun {
    /** A selector that every message matches, so that its consumer picks, and must get the same. */
    private static final String PICKS_ALL = "JMSPriority >= 0";

    private static final boolean TRACE = Boolean.getBoolean("larchmq.shard.trace");
    private static final int QUEUES = 3;
    /** The queues, and a topic with shared durable subscriptions. */
    private static final int DESTINATIONS = QUEUES + 1;

    private static final int SUBSCRIPTIONS = 2;
    private static final int DEAD_LETTERS = QUEUES + 1;
    private static final int FIRST_SUBSCRIBER = QUEUES + 2;
    private static final int SOFT_SUBSCRIBER = FIRST_SUBSCRIBER + SUBSCRIPTIONS;
    private static final long SEGMENT_BYTES = 64 << 10;
    /** One crash in so many is followed by two starts whose states are compared. */
    private static final int CHECKED_STATES = 4;

    private static final int LARGEST_WHOLE_BODY = 12_000;
    private static final long NOT_FULL_BYTES = 1L << 40;
    /** More than a page of a queue holds. */
    private static final int BULK = 210;

    private static final BrokerSettings SETTINGS = SimulatedBroker.SETTINGS;

    /** Faults planted to show that the checker sees them. */
    enum Mutant {
        NONE,
        DISK_LIES,
        NO_REDELIVERED_FLAG,
        NO_DUPLICATE_DETECTION,
        DELAY_FORGOTTEN,
        SWALLOWED_FLUSH_ERROR,
        PAGE_FAILURE_AFTER_APPEND,
        GOES_ON_AFTER_FAILED_APPLICATION
    }

    private final Random random;
    private final Mutant mutant;
    private final DiskTrouble trouble;
    private final CrashCounts counts;
    private final LogOpening logs;
    private final SimulatedClock clock = new SimulatedClock();
    private final List<HistoryRecord> history = new ArrayList<>();
    private final long[] nextSequence = new long[DESTINATIONS];
    private SimulatedDisk disk;
    private SimulatedBroker broker;
    private SimulatedClient producer;
    private SimulatedClient manager;
    private final List<Unit> sessions = new ArrayList<>();
    private final int[] handles = new int[DESTINATIONS];
    private final Set<Mid> deadLetters = new HashSet<>();
    private int names;
    private int transactions;
    private int lives;
    private int livesFullFor;
    private String doing = "start";
    private long ticks;
    private boolean draining;
    private long lastDueMillis;
    private final List<Unanswered> unanswered = new ArrayList<>();
    private final List<UnansweredCommit> unansweredCommits = new ArrayList<>();
    private long position;
    /** When messages with a time to live expire. */
    private final Map<Mid, Long> expirations = new HashMap<>();
    /** The state when a life ended with everything written; null when it is not known. */
    private String before;

    private boolean isFull;
    private boolean wasFull;
    private boolean managerIsLost;
    private long faultsMet;

    /** A send whose answer has not come: it is sent again on the next connection. */
    private record Unanswered(
            Mid mid, Mode mode, int priority, long delay, long ttl, int queue, byte[] message, long sentSince) {}

    /** A commit whose answer has not come: its outcome is asked for on the next connection. */
    private record UnansweredCommit(String session, String tx, long producerId, long number, long sentSince) {}
    /** What the transaction manager knows, whatever dies: branches that are asked to prepare and have not ended. */
    private final Map<String, Decision> branches = new LinkedHashMap<>();

    private enum Decision {
        PREPARING,
        NONE,
        COMMIT,
        ROLLBACK
    }

    /** A consuming session: CLIENT_ACKNOWLEDGE, transacted, or working for branches of distributed transactions. */
    private final class Unit {
        final SimulatedClient client = broker.connect();
        final String name = "c" + names++;
        final boolean transacted;
        final boolean distributed;
        final List<SimulatedClient.Delivery> unsettled = new ArrayList<>();
        final List<SimulatedClient.Delivery> unseen = new ArrayList<>();
        /** What the client has and the application has not asked for. */
        final Deque<SimulatedClient.Delivery> prefetched = new ArrayDeque<>();

        String tx;
        boolean busy;
        /** Number of the local transaction in which messages are staged, and whether one of them was refused. */
        long number;

        boolean refused;
        boolean staged;
        private long stagedSequence;
        /** Subscriptions whose end was asked for and not answered. */
        final List<String> ending = new ArrayList<>();

        Unit(boolean transacted) {
            this.transacted = transacted;
            this.distributed = transacted && random.nextBoolean();
            add(of(Op.OPEN, Phase.OK).session(name).ackMode(transacted ? AckMode.TRANSACTED : AckMode.CLIENT));
            client.onDelivery = this::delivered;
        }

        /** Its consumers and its first transaction. */
        void begin() {
            for (int queue = 0; queue <= QUEUES; queue++) {
                if (queue < QUEUES && !draining && random.nextBoolean()) continue;
                if (queue == QUEUES && !draining) continue;
                String dest = queue == QUEUES ? "DLQ" : "q" + queue;
                add(of(Op.SUBSCRIBE, Phase.OK).session(name).dest("queue:" + dest));
                client.consume(
                        queue + 1,
                        DestinationKind.QUEUE,
                        dest,
                        random.nextInt(3) == 0 ? PICKS_ALL : "",
                        draining ? 100_000 : 1 + random.nextInt(8),
                        r -> {});
            }
            for (int sub = 0; sub < SUBSCRIPTIONS; sub++) if (draining || random.nextInt(3) == 0) subscribe(sub);
            if (!draining && random.nextInt(6) == 0) listen();
            beginTransaction();
        }

        /** A subscription that ends with this session. */
        private void listen() {
            client.subscribe(SOFT_SUBSCRIBER, "t" + QUEUES, "", 0, "", 1 + random.nextInt(8), reply -> {
                if (reply.code() != ErrorCode.OK) throw new AssertionError(reply.text());
                add(of(Op.SUBSCRIBE, Phase.OK)
                        .session(name)
                        .dest(destination(QUEUES))
                        .sub("soft-" + name));
            });
        }

        /**
         * It exists from the answer on, or from before. A new one is not owed what was sent earlier; sent again after a crash,
         * that would come to it behind what was sent since, so that nothing may be unanswered.
         */
        private void subscribe(int sub) {
            if (isUnansweredByTopic()) return;
            client.subscribe(
                    FIRST_SUBSCRIBER + sub,
                    "t" + QUEUES,
                    "sub" + sub,
                    Frames.CreateConsumer.DURABLE | Frames.CreateConsumer.SHARED,
                    "",
                    draining ? 100_000 : 1 + random.nextInt(8),
                    reply -> {
                        if (reply.code() != ErrorCode.OK) throw new AssertionError(reply.text());
                        add(of(Op.SUBSCRIBE, Phase.OK)
                                .session(name)
                                .dest(destination(QUEUES))
                                .sub("sub" + sub)
                                .durable(true));
                    });
        }

        void unsubscribe() {
            int sub = random.nextInt(SUBSCRIPTIONS);
            ending.add("sub" + sub);
            client.unsubscribe("sub" + sub, reply -> {
                ending.remove("sub" + sub);
                if (reply.code() == ErrorCode.OK) ended("sub" + sub, Phase.OK); // else unknown, or in use
            });
            broker.run(); // so that nobody subscribes anew before this is on record
        }

        private void ended(String sub, Phase phase) {
            add(of(Op.UNSUBSCRIBE, phase)
                    .session(name)
                    .dest(destination(QUEUES))
                    .sub(sub)
                    .durable(true));
        }

        void beginTransaction() {
            tx = transacted ? "tx" + transactions++ : null;
            number = transactions;
            refused = staged = false;
            if (distributed) client.startBranch(idOf(tx), false, transactions, 0, reply -> {});
        }

        private void delivered(SimulatedClient.Delivery delivery) {
            boolean ofQueue =
                    delivery.consumerId() < DEAD_LETTERS; // a subscription that ends owes nobody what it holds
            boolean isKept = !draining && ofQueue && (!prefetched.isEmpty() || random.nextInt(3) == 0);
            if (isKept) prefetched.add(delivery);
            else show(delivery);
        }

        /**
         * The broker asks for what the application has not seen. Were it shown instead, it would be in the history later than
         * it was handed out, and judged by what was available then.
         */
        void giveBack() {
            giveBackPrefetched(random.nextInt(prefetched.size() + 1));
            giveBackPrefetched(prefetched.size());
        }

        /** The last ones first, as it is done to keep the order of those that stay. */
        private void giveBackPrefetched(int count) {
            if (count == 0) return;
            long[][] ranges = new long[count][];
            for (int i = 0; i < count; i++) {
                SimulatedClient.Delivery last = prefetched.pollLast();
                ranges[i] = new long[] {last.consumerId(), last.sequence(), 1};
            }
            client.giveBack(false, reply -> {}, ranges);
            for (long[] range : ranges) client.credit((int) range[0], 1);
        }

        private void show(SimulatedClient.Delivery delivery) {
            if (busy && !transacted) { // acknowledge() blocks: the application sees this afterwards
                unseen.add(delivery);
                return;
            }
            int consumer = delivery.consumerId();
            boolean topic = consumer >= FIRST_SUBSCRIBER;
            if (consumer == DEAD_LETTERS && !deadLetters.add(midOf(delivery))) {
                unsettled.add(delivery); // a second subscription has given up its own copy
                return;
            }
            Long expiration = expirations.get(midOf(delivery));
            if (expiration != null && clock.currentTimeMillis() > expiration) {
                unsettled.add(delivery); // it has expired on its way, and the application does not see it
                return;
            }
            boolean soft = consumer == SOFT_SUBSCRIBER;
            String dest =
                    topic ? destination(QUEUES) : consumer == DEAD_LETTERS ? "queue:DLQ" : destination(consumer - 1);
            boolean redelivered = delivery.redelivered() && mutant != Mutant.NO_REDELIVERED_FLAG;
            add(of(Op.DELIVER, Phase.OK)
                    .session(name)
                    .dest(dest)
                    .sub(soft ? "soft-" + name : topic ? "sub" + (consumer - FIRST_SUBSCRIBER) : null)
                    .durable(topic && !soft)
                    .mid(midOf(delivery))
                    .tx(tx)
                    .redelivered(redelivered)
                    .deliveryCount(redelivered ? delivery.count() : 1)
                    .deliveryTimeMillis(delivery.deliveryTimeMillis())
                    .jmsId(delivery.producerId() + "-" + delivery.messageSequence())
                    .bodyCrc(crc(delivery.body())));
            unsettled.add(delivery);
        }

        private Mid midOf(SimulatedClient.Delivery delivery) {
            int index = (int) delivery.producerId();
            if (index >= 1000) {
                return new Mid("p", "xs" + index, destination(index % 10), delivery.messageSequence());
            }
            return new Mid("p", "ps" + index, destination(index), delivery.messageSequence());
        }

        private long[][] ranges() {
            return unsettled.stream()
                    .map(d -> new long[] {d.consumerId(), d.sequence(), 1})
                    .toArray(long[][]::new);
        }

        void acknowledge() {
            if (unsettled.isEmpty() || busy || transacted) return;
            busy = true;
            add(of(Op.ACK, Phase.INVOKE).session(name));
            client.acknowledge(
                    true,
                    reply -> {
                        busy = false;
                        add(of(Op.ACK, Phase.OK).session(name));
                        List<SimulatedClient.Delivery> now = List.copyOf(unseen);
                        unseen.clear();
                        now.forEach(this::show);
                    },
                    ranges());
            creditBack();
        }

        /** Ends the work for the branch with a few messages, and prepares it. */
        void prepare() {
            if (!distributed) return;
            List<Integer> to = new ArrayList<>();
            List<byte[]> messages = new ArrayList<>();
            int count = random.nextInt(4);
            for (int i = 0; i < count; i++) {
                int queue = random.nextInt(DESTINATIONS);
                long producer = 1000 + number * 10 + queue; // visible later than what is sent after it
                Mid mid = new Mid("p", "xs" + producer, destination(queue), i);
                byte[] body = body(600);
                boolean persistent = random.nextInt(5) > 0;
                Mode mode = persistent ? Mode.PERSISTENT : Mode.NON_PERSISTENT;
                add(of(Op.SEND, Phase.INVOKE)
                        .proc("p")
                        .session(mid.session())
                        .mid(mid)
                        .mode(mode)
                        .tx(tx)
                        .bodyCrc(crc(body)));
                add(of(Op.SEND, Phase.OK)
                        .proc("p")
                        .session(mid.session())
                        .mid(mid)
                        .mode(mode)
                        .tx(tx));
                to.add(handles[queue]);
                messages.add(SimulatedClient.message(producer, i, body, persistent, 4, 0));
            }
            boolean readOnly = count == 0 && unsettled.isEmpty();
            String preparing = tx;
            client.endBranch(idOf(tx), 0, to, messages, reply -> {}, ranges());
            if (!readOnly) {
                add(of(Op.PREPARE, Phase.INVOKE).session(name).tx(preparing));
                branches.put(preparing, Decision.PREPARING);
            }
            client.branch(FrameType.XA_PREPARE, idOf(tx), reply -> {
                if (readOnly) return;
                if (reply.code() != ErrorCode.OK) {
                    if (!mayRefuse()) throw new AssertionError("prepare: " + reply);
                    add(of(Op.PREPARE, Phase.FAIL).session(name).tx(preparing));
                    branches.remove(preparing);
                    return;
                }
                add(of(Op.PREPARE, Phase.OK).session(name).tx(preparing));
                branches.put(preparing, Decision.NONE);
            });
            beginTransaction();
            creditBack();
        }

        /** Sends a message before the commit. */
        void stage() {
            if (!transacted || distributed || busy) return;
            int queue = random.nextInt(DESTINATIONS);
            long from = 1000 + number * 10 + queue; // visible later than what is sent after it
            Mid mid = new Mid("p", "xs" + from, destination(queue), stagedSequence++);
            byte[] body = body();
            long delay = delay();
            add(of(Op.SEND, Phase.INVOKE)
                    .proc("p")
                    .session(mid.session())
                    .mid(mid)
                    .tx(tx)
                    .delayMillis(delay)
                    .bodyCrc(crc(body)));
            byte[] message = SimulatedClient.message(from, mid.seq(), body, true, 4, 0, null, deliveryTime(delay));
            String in = tx;
            staged = true;
            java.util.function.Consumer<ErrorCode> answered = code -> {
                if (code != ErrorCode.OK && !mayRefuse()) throw new AssertionError("stage: " + code);
                boolean isCurrent = in.equals(tx);
                if (code != ErrorCode.OK) refused |= isCurrent;
                else if (isCurrent)
                    add(of(Op.SEND, Phase.OK)
                            .proc("p")
                            .session(mid.session())
                            .mid(mid)
                            .delayMillis(delay)
                            .tx(in));
            };
            if (body.length > LARGEST_WHOLE_BODY) {
                client.sendLarge(number, handles[queue], message, Protocol.SMALLEST_PART_BYTES, answered);
            } else {
                client.send(number, handles[queue], message, answered);
            }
        }

        void commit() {
            if (distributed) prepare();
            if (busy || !transacted || distributed) return;
            if (staged) broker.run(); // the client knows what became of each send
            if (refused) {
                rollBack();
                return;
            }
            busy = true;
            List<Integer> to = new ArrayList<>();
            List<byte[]> messages = new ArrayList<>();
            List<Mid> mids = new ArrayList<>();
            int count = random.nextInt(4);
            for (int i = 0; i < count; i++) {
                int queue = random.nextInt(DESTINATIONS);
                // beside a full disk a small commit passes a large message of another connection that waits for room
                long from = mayRefuse() ? 1_000_000 + Integer.parseInt(name.substring(1)) * 10 + queue : queue;
                Mid mid = from == queue
                        ? nextMid(queue)
                        : new Mid("p", "xs" + from, destination(queue), stagedSequence++);
                byte[] body = body(600);
                long delay = delay();
                add(of(Op.SEND, Phase.INVOKE)
                        .proc("p")
                        .session(mid.session())
                        .mid(mid)
                        .tx(tx)
                        .delayMillis(delay)
                        .bodyCrc(crc(body)));
                add(of(Op.SEND, Phase.OK)
                        .proc("p")
                        .session(mid.session())
                        .mid(mid)
                        .delayMillis(delay)
                        .tx(tx));
                byte[] message = SimulatedClient.message(from, mid.seq(), body, true, 4, 0, null, deliveryTime(delay));
                mids.add(mid);
                to.add(handles[queue]);
                messages.add(message);
            }
            String committing = tx;
            add(of(Op.COMMIT, Phase.INVOKE).session(name).tx(committing));
            boolean named = random.nextBoolean();
            UnansweredCommit open =
                    new UnansweredCommit(name, committing, name.hashCode(), number, broker.shard.position());
            if (named) unansweredCommits.add(open);
            client.commit(
                    named ? open.producerId : null,
                    open.number,
                    to,
                    messages,
                    reply -> {
                        busy = false;
                        unansweredCommits.remove(open);
                        if (reply.code() != ErrorCode.OK) {
                            if (!mayRefuse()) throw new AssertionError("commit: " + reply);
                            add(of(Op.COMMIT, Phase.FAIL).session(name).tx(committing));
                            return;
                        }
                        add(of(Op.COMMIT, Phase.OK).session(name).tx(committing));
                    },
                    ranges());
            beginTransaction();
            creditBack();
        }

        private void creditBack() {
            List<SimulatedClient.Delivery> done = List.copyOf(unsettled);
            unsettled.clear();
            for (SimulatedClient.Delivery delivery : done) client.credit(delivery.consumerId(), 1);
        }

        void rollBack() {
            if (unsettled.isEmpty() && !staged || busy) return;
            String rolledBack = tx;
            long rolledBackNumber = number;
            boolean anyStaged = staged;
            if (transacted) {
                add(of(Op.ROLLBACK, Phase.OK).session(name).tx(tx));
                beginTransaction();
            } else {
                add(of(Op.RECOVER, Phase.OK).session(name));
            }
            List<SimulatedClient.Delivery> back = List.copyOf(unsettled);
            long[][] ranges = ranges();
            giveBackPrefetched(prefetched.size()); // they come again behind what is given back
            if (distributed) {
                unsettled.clear();
                for (SimulatedClient.Delivery delivery : back) client.credit(delivery.consumerId(), 1);
                client.endBranch(idOf(rolledBack), random.nextInt(2), List.of(), List.of(), reply -> {}, ranges);
                client.branch(FrameType.XA_ROLLBACK, idOf(rolledBack), reply -> {});
                return;
            }
            unsettled.clear();
            for (SimulatedClient.Delivery delivery : back) client.credit(delivery.consumerId(), 1);
            if (anyStaged) client.rollback(rolledBackNumber, reply -> {});
            if (ranges.length > 0) client.giveBack(true, reply -> {}, ranges);
        }

        void lose() {
            for (String sub : ending) ended(sub, Phase.INFO);
            add(of(Op.LOST, Phase.OK).session(name));
            client.disconnect();
        }
    }

    ShardCrashRun(long seed, Mutant mutant, DiskTrouble trouble, CrashCounts counts) {
        this.random = new Random(seed);
        this.mutant = mutant;
        this.trouble = trouble;
        this.counts = counts;
        this.disk = new SimulatedDisk(seed);
        this.logs = new SimulatedBroker.SmallLog(SEGMENT_BYTES, new Random(seed));
    }

    Verdict run(int crashes) {
        for (lives = 0; lives < crashes; lives++) {
            try {
                if (mutant == Mutant.DISK_LIES) disk.lying();
                disk.onFault(this::met);
                trouble.plant(lives, random, disk);
                live(20 + random.nextInt(200));
                if (random.nextInt(4) == 0) stop();
                else die();
            } catch (PowerLoss e) {
                powerLost();
            } catch (StoreException e) {
                if (faultsMet == 0 || e.error().isPassing())
                    throw e; // a full disk ends no shard, and keeps none from starting
                exited();
            }
            counts.crashes++;
            if (random.nextInt(CHECKED_STATES) == 0) compareStates();
        }
        drain();
        return Checker.check(history, CheckerSettings.defaults().withClockSkewMillis(0));
    }

    private void met(String fault) {
        if (TRACE) System.out.println("fault: " + fault + " while " + doing);
        faultsMet++;
        counts.met(fault, doing);
    }

    /** Refusals for want of room are in order from the first fault on. */
    private boolean mayRefuse() {
        return faultsMet > 0 || wasFull;
    }

    private void live(int steps) {
        start();
        for (int i = 0; i < steps; i++) {
            if (broker.failure != null) throw broker.failure;
            if (trouble.fillsUp()) fillUpOrClear();
            step();
        }
        broker.run();
        before = StateText.of(broker.shard.state());
    }

    private void step() {
        int dice = random.nextInt(112);
        if (dice < 33) send();
        else if (dice < 35) forSome("stage", Unit::stage);
        else if (dice < 60) broker.run();
        else if (dice < 63) connect();
        else if (dice < 72) forSome("acknowledge", Unit::acknowledge);
        else if (dice < 82) forSome("commit", Unit::commit);
        else if (dice < 86) forSome("roll back", Unit::rollBack);
        else if (dice < 87) forSome("unsubscribe", Unit::unsubscribe);
        else if (dice < 88) disconnect();
        else if (dice < 89) reconnectProducer();
        else if (dice < 92) decide();
        else if (dice < 95) broker.advance(random.nextInt(200));
        else if (dice < 100) broker.loop.runOne();
        else if (dice < 101) forSome("stage", Unit::stage);
        else if (dice < 111) forSome("give back", Unit::giveBack);
        else if (random.nextInt(trouble.fillsUp() ? 3 : 12) == 0) sendMany();
    }

    /** The disk has no room for a while, or also in the next life; then there is room again. */
    private void fillUpOrClear() {
        if (isFull) {
            if (livesFullFor > 0 || random.nextInt(30) > 0) return;
            isFull = false;
            disk.capacity(NOT_FULL_BYTES);
        } else if (random.nextInt(400) == 0) {
            isFull = wasFull = true;
            livesFullFor = random.nextInt(3);
            disk.capacity(disk.heldBytes() + random.nextInt((int) SEGMENT_BYTES));
        }
    }

    /**
     * As the endpoint does it: a request for which there is no room ends its connection, and whatever else the store fails
     * with ends the shard.
     */
    private boolean isTaken(String what, Runnable requests) {
        doing = what;
        try {
            requests.run();
            return true;
        } catch (StoreException e) {
            if (broker.failure != null) throw e;
            if (mutant == Mutant.GOES_ON_AFTER_FAILED_APPLICATION && !e.error().isPassing()) {
                broker.shard.log().applied();
                return false;
            }
            if (e.error().isPassing()) return false;
            broker.shard.fail(e);
            throw e;
        } catch (ProtocolException e) {
            if (broker.failure != null) throw broker.failure; // a request after the one that ended the shard
            throw e;
        }
    }

    private void start() {
        doing = "start";
        if (livesFullFor > 0) livesFullFor--;
        broker = null; // the one before is dead
        before = null;
        broker = newBroker(random.nextBoolean(), random.nextBoolean());
        add(of(Op.BROKER_START, Phase.OK));
        connectProducer();
        connectManager(true);
        connect();
    }

    private SimulatedBroker newBroker(boolean flushBeside, boolean prepareBeside) {
        return new SimulatedBroker(diskOfBroker(), clock, flushBeside, prepareBeside, SETTINGS, logs);
    }

    private Disk diskOfBroker() {
        return switch (mutant) {
            case SWALLOWED_FLUSH_ERROR -> new DiskWrapper(disk, MutantFiles::swallowsFlushErrors);
            case PAGE_FAILURE_AFTER_APPEND -> new MutantFiles.PagesDoNotWait(disk);
            default -> disk;
        };
    }

    /** As a client that fails over: what was not answered on the connection before is sent again, or asked about. */
    private void connectProducer() {
        producer = broker.connect();
        position = broker.shard.position();
        if (isTaken("connect", this::openDestinations) && isTaken("send again", this::sendAgain)) return;
        producer.disconnect();
        producer = null;
    }

    private void openDestinations() {
        for (int queue = 0; queue < QUEUES; queue++) handles[queue] = producer.queue("q" + queue);
        handles[QUEUES] = producer.handle(DestinationKind.TOPIC, "t" + QUEUES);
    }

    private void sendAgain() {
        for (UnansweredCommit commit : List.copyOf(unansweredCommits)) {
            producer.outcome(commit.producerId, commit.number, commit.sentSince, reply -> decided(commit, reply));
        }
        for (Unanswered send : List.copyOf(unanswered)) {
            int handle = handles[send.queue];
            if (mutant == Mutant.NO_DUPLICATE_DETECTION && send.message.length <= LARGEST_WHOLE_BODY) {
                producer.send(handle, send.message, code -> answeredAgain(send, code));
            } else if (send.message.length > LARGEST_WHOLE_BODY) {
                producer.resendLarge(send.sentSince, handle, send.message, code -> answeredAgain(send, code));
            } else {
                producer.resend(send.sentSince, handle, send.message, code -> answeredAgain(send, code));
            }
        }
    }

    /**
     * No broker remembers what the one before it had in memory only: a message that was sent to that one, too, and is refused
     * now may have reached somebody.
     */
    private void answeredAgain(Unanswered send, ErrorCode code) {
        boolean isLogged = send.mode == Mode.PERSISTENT && send.queue < QUEUES;
        if (code == ErrorCode.OK || isLogged) answered(send, code);
        else unanswered.remove(send);
    }

    private void answered(Unanswered send, ErrorCode code) {
        unanswered.remove(send);
        if (code == ErrorCode.OUTCOME_FORGOTTEN) return; // stays unknown
        if (code != ErrorCode.OK && !mayRefuse()) throw new AssertionError("refused: " + code);
        add(of(Op.SEND, code == ErrorCode.OK ? Phase.OK : Phase.FAIL)
                .session(send.mid.session())
                .mid(send.mid)
                .mode(send.mode)
                .delayMillis(send.delay)
                .priority(send.priority)
                .ttlMillis(send.ttl)
                .note(code.toString()));
    }

    private void decided(UnansweredCommit commit, Frames.Reply reply) {
        unansweredCommits.remove(commit);
        if (reply.value() == Frames.TransactionOutcome.FORGOTTEN) return;
        boolean committed = reply.value() == Frames.TransactionOutcome.COMMITTED;
        add(of(Op.COMMIT, committed ? Phase.OK : Phase.FAIL)
                .session(commit.session)
                .tx(commit.tx));
    }

    // ---- the transaction manager

    private static BranchId idOf(String tx) {
        return new BranchId(1, tx.getBytes(StandardCharsets.US_ASCII), new byte[0]);
    }

    /** Decides some branch that is prepared. */
    private void decide() {
        if (managerIsLost) {
            reconnectManager();
            return;
        }
        for (Map.Entry<String, Decision> branch : branches.entrySet()) {
            if (branch.getValue() != Decision.NONE || random.nextBoolean()) continue;
            branch.setValue(random.nextInt(3) > 0 ? Decision.COMMIT : Decision.ROLLBACK);
            add(of(branch.getValue() == Decision.COMMIT ? Op.COMMIT : Op.ROLLBACK, Phase.INVOKE)
                    .tx(branch.getKey()));
            carryOut(branch.getKey(), branch.getValue());
            return;
        }
    }

    private void carryOut(String tx, Decision decision) {
        Op op = decision == Decision.COMMIT ? Op.COMMIT : Op.ROLLBACK;
        java.util.function.Consumer<Frames.Reply> answered = reply -> {
            boolean done = reply.code() == ErrorCode.OK;
            add(of(op, done ? Phase.OK : Phase.FAIL).tx(tx).note(reply.text()));
            branches.remove(tx);
        };
        boolean taken = isTaken(decision == Decision.COMMIT ? "commit of a branch" : "rollback of a branch", () -> {
            if (decision == Decision.COMMIT) manager.commitBranch(idOf(tx), false, answered);
            else manager.branch(FrameType.XA_ROLLBACK, idOf(tx), answered);
        });
        if (!taken) managerIsLost = true;
    }

    private void connectManager(boolean isNewBroker) {
        managerIsLost = false;
        manager = broker.connect();
        recoverBranches(isNewBroker);
    }

    private void reconnectManager() {
        manager.disconnect();
        connectManager(false);
    }

    /**
     * What was decided is carried out again; after a crash what was not prepared for certain is rolled back.
     *
     * @param isNewBroker whether there was a crash
     */
    private void recoverBranches(boolean isNewBroker) {
        Set<String> listed = new LinkedHashSet<>();
        manager.recoverBranches(found -> {
            for (BranchId id : found) {
                String tx = new String(id.globalId(), StandardCharsets.US_ASCII);
                listed.add(tx);
                add(of(Op.XA_LISTED, Phase.OK).tx(tx));
            }
            add(of(Op.XA_SCAN, Phase.OK));
            for (String tx : new ArrayList<>(branches.keySet())) {
                if (isNewBroker || branches.get(tx) != Decision.PREPARING) recover(tx, listed.contains(tx));
            }
        });
        broker.run();
    }

    private void recover(String tx, boolean isListed) {
        Decision decision = branches.get(tx);
        if (decision == Decision.NONE) return;
        Op op = decision == Decision.COMMIT ? Op.COMMIT : Op.ROLLBACK;
        if (!isListed) {
            add(of(op, Phase.OK).tx(tx)); // it was carried out, or never prepared
            branches.remove(tx);
            return;
        }
        if (decision == Decision.PREPARING) {
            branches.put(tx, Decision.ROLLBACK);
            add(of(op, Phase.INVOKE).tx(tx));
        }
        carryOut(tx, branches.get(tx));
    }

    private void connect() {
        Unit unit = new Unit(random.nextBoolean());
        sessions.add(unit);
        act(unit, "connect", Unit::begin);
    }

    private void forSome(String what, java.util.function.Consumer<Unit> action) {
        if (!sessions.isEmpty()) act(sessions.get(random.nextInt(sessions.size())), what, action);
    }

    private void act(Unit unit, String what, java.util.function.Consumer<Unit> action) {
        if (isTaken(what, () -> action.accept(unit))) return;
        sessions.remove(unit);
        unit.lose();
    }

    private void disconnect() {
        if (sessions.isEmpty()) return;
        sessions.remove(random.nextInt(sessions.size())).lose();
    }

    private void reconnectProducer() {
        if (producer != null) producer.disconnect();
        connectProducer();
    }

    private void send() {
        if (producer == null) connectProducer();
        else send(random.nextInt(DESTINATIONS), body());
    }

    private void sendMany() {
        int queue = random.nextInt(QUEUES);
        for (int i = 0; i < BULK && producer != null; i++) {
            send(queue, new byte[8]);
            if (i % 50 == 0) broker.run();
        }
    }

    private void send(int queue, byte[] body) {
        Mid mid = nextMid(queue);
        boolean persistent = random.nextInt(5) > 0;
        Mode mode = persistent ? Mode.PERSISTENT : Mode.NON_PERSISTENT;
        int priority = random.nextInt(4) == 0 ? random.nextInt(10) : 4;
        long delay = delay();
        long ttl = random.nextInt(8) == 0 ? delay + 1 + random.nextInt(400) : 0;
        long expiration = ttl == 0 ? 0 : clock.currentTimeMillis() + ttl;
        if (ttl > 0) expirations.put(mid, expiration);
        add(of(Op.SEND, Phase.INVOKE)
                .proc("p")
                .session(mid.session())
                .mid(mid)
                .mode(mode)
                .priority(priority)
                .delayMillis(delay)
                .ttlMillis(ttl)
                .bodyCrc(crc(body)));
        byte[] message = SimulatedClient.tracked(SimulatedClient.message(
                queue, mid.seq(), body, persistent, priority, expiration, null, deliveryTime(delay)));
        Unanswered send = new Unanswered(mid, mode, priority, delay, ttl, queue, message, position);
        unanswered.add(send);
        boolean taken = isTaken("send", () -> {
            if (random.nextInt(40) == 0)
                producer.part(0, message, 0, message.length); // of a message that is never sent
            if (body.length > LARGEST_WHOLE_BODY) {
                producer.sendLarge(0, handles[queue], message, code -> answered(send, code));
            } else {
                producer.send(handles[queue], message, code -> answered(send, code));
            }
        });
        if (taken) return;
        producer.disconnect();
        producer = null;
    }

    private boolean isUnansweredByTopic() {
        return unanswered.stream().anyMatch(send -> send.queue >= QUEUES);
    }

    private Mid nextMid(int queue) {
        return new Mid("p", "ps" + queue, destination(queue), nextSequence[queue]++);
    }

    private static String destination(int index) {
        return index < QUEUES ? "queue:q" + index : "topic:t" + index;
    }

    /** A third of the messages is delayed, some of them beyond the next crashes (7.9). */
    private long delay() {
        int dice = random.nextInt(9);
        if (dice > 2) return 0;
        return 1 + random.nextInt(dice == 0 ? 20 : dice == 1 ? 500 : 5_000);
    }

    private long deliveryTime(long delay) {
        if (delay == 0) return 0;
        long due = clock.currentTimeMillis() + delay;
        lastDueMillis = Math.max(lastDueMillis, due);
        return mutant == Mutant.DELAY_FORGOTTEN ? 0 : due;
    }

    private byte[] body() {
        return body(random.nextInt(20) == 0 ? 50_000 : 600);
    }

    private byte[] body(int most) {
        byte[] body = new byte[random.nextInt(most)];
        random.nextBytes(body);
        return body;
    }

    // ---- ends

    private void stop() {
        for (Unit unit : sessions) unit.lose();
        sessions.clear();
        doing = "stop";
        if (producer != null) producer.disconnect();
        producer = null;
        manager.disconnect();
        before = null; // what is in memory goes to the log, and connections give back what they held
        boolean kept = broker.stop();
        if (!kept || mayRefuse()) add(of(Op.BROKER_KILL, Phase.INFO)); // non-persistent messages may be lost then
        disk = random.nextBoolean() ? disk.afterPowerLoss() : disk.afterProcessDeath();
    }

    private void die() {
        killed();
        disk = disk.afterProcessDeath();
    }

    /** The broker ends by itself, since the disk has failed. */
    private void exited() {
        if (broker != null) closeFiles();
        counts.exits++;
        killed();
        disk = random.nextBoolean() ? disk.afterProcessDeath() : disk.afterPowerLoss();
    }

    private void closeFiles() {
        try {
            broker.runtime.close();
        } catch (StoreException alsoFailed) {
            // the files are closed with the process
        }
    }

    /** What a start finds is what was there before, if that is known, whether the checkpoint is used or not. */
    private void compareStates() {
        String after = RecoveredTwice.check(disk, clock, SETTINGS, logs);
        counts.statesCompared++;
        if (before == null) return;
        counts.statesComparedWithBefore++;
        assertThat(StateText.difference(before, after))
                .as("the state before the crash, and after a start")
                .isEmpty();
    }

    private void powerLost() {
        if (TRACE) System.out.println("power lost while " + doing);
        before = null;
        killed();
        disk = disk.afterPowerLoss();
    }

    private void killed() {
        producer = null;
        for (Unit unit : sessions) for (String sub : unit.ending) unit.ended(sub, Phase.INFO);
        add(of(Op.BROKER_KILL, Phase.INFO));
        for (Unit unit : sessions) add(of(Op.LOST, Phase.INFO).session(unit.name));
        sessions.clear();
    }

    private void drain() {
        draining = true;
        isFull = false;
        disk.failNoMore().losePowerAtWrite(Long.MAX_VALUE).capacity(NOT_FULL_BYTES);
        broker = newBroker(false, false);
        add(of(Op.BROKER_START, Phase.OK));
        connectProducer();
        broker.run();
        connectManager(true);
        for (int i = 0; i < 1000 && !branches.isEmpty(); i++) {
            decide();
            broker.run();
        }
        Unit last = new Unit(false);
        last.begin();
        broker.run();
        last.acknowledge();
        broker.run();
        while (broker.shard.state().delayedMessages() > 0) {
            if (clock.currentTimeMillis() > lastDueMillis + 1_000) throw new AssertionError("more than 1 s late");
            broker.advance(100);
            last.acknowledge();
            broker.run();
        }
        if (!last.unsettled.isEmpty()) throw new AssertionError("more came after everything");
        add(of(Op.DRAINED, Phase.OK));
    }

    private static long crc(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return crc.getValue();
    }

    private HistoryRecord.Builder of(Op op, Phase phase) {
        ticks++;
        return HistoryRecord.of(op, phase).at(ticks * 1000, clock.currentTimeMillis());
    }

    private void add(HistoryRecord.Builder record) {
        history.add(record.build());
        if (TRACE) System.out.println(history.get(history.size() - 1));
    }
}
