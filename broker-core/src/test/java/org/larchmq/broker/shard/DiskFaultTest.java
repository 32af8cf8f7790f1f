package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.PreparedBranch;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.SimulatedDisk.Fault;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.queue.Row;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames.TransactionOutcome;

/**
 * The disk is full, or breaks, at every change that a shard makes while it stores, commits (local and distributed),
 * dead-letters, makes delayed messages visible and loses connections. What was confirmed is there after a restart, each
 * transaction as a whole or not at all, what the broker answers about it is true, and a broker that went on has the state
 * that its log gives. Each queue gets more messages than a page of rows has.
 */
class DiskFaultTest {
    private static final int MESSAGES = 210;
    private static final int STAGED = 300;
    private static final BranchId BRANCH = new BranchId(1, new byte[] {1}, new byte[0]);

    @Test
    void everyFaultAtEveryChangeLeavesWhatWasPromised() {
        int met = 0;
        for (Fault fault : Fault.values()) {
            for (int change = 1; ; change++) {
                Run run = new Run(change, fault, false);
                run.check();
                if (run.disk.faultsMet() == 0) break;
                met++;
            }
        }
        assertThat(met).isGreaterThan(300);
    }

    /** As if the request had failed and the log and the state still agreed. */
    @Test
    void goingOnAfterAFailedApplicationIsCaught() {
        int caught = 0;
        for (int change = 1; ; change++) {
            Run run = new Run(change, Fault.BROKEN, true);
            try {
                run.check();
            } catch (AssertionError | RuntimeException e) {
                if (run.wentOn) caught++;
            }
            if (run.disk.faultsMet() == 0) break;
        }
        assertThat(caught).isPositive();
    }

    private static final class Run {
        final SimulatedDisk disk;
        private final SimulatedClock clock = new SimulatedClock();
        private final String what;
        private final boolean goesOn;
        private final long seed;
        private SimulatedBroker broker;
        private SimulatedClient client;
        private final TreeSet<Long> confirmed = new TreeSet<>();
        private final TreeSet<Long> confirmedDelayed = new TreeSet<>();
        private boolean committed;
        private boolean branchPrepared;
        private boolean branchCommitted;
        boolean wentOn;

        Run(int change, Fault fault, boolean goesOn) {
            this.what = fault + " at change " + change;
            this.goesOn = goesOn;
            this.seed = change;
            this.disk = new SimulatedDisk(change);
            broker = SimulatedBroker.on(disk, clock);
            client = broker.connect();
            disk.failAtChange(change, fault);
            try {
                live();
            } catch (RuntimeException e) {
                if (broker.failure == null) broker.shard.fail(e);
            }
        }

        private void live() {
            step(() -> sendAll("in", 0, confirmed));
            step(this::commitStaged);
            step(this::commitBranch);
            step(() -> sendAll("later", 100, confirmedDelayed));
            step(() -> broker.advance(200));
            for (int attempt = 0; attempt < 4; attempt++) step(this::rollBackAll);
            step(() -> {
                client.consume(2, DestinationKind.QUEUE, "later", "", 20, reply -> {});
                broker.run();
                client.disconnect();
                client = broker.connect();
            });
            broker.advance(500);
            broker.advance(500);
        }

        /** A request that meets a full disk ends its connection; any other failure ends the broker. */
        private void step(Runnable action) {
            try {
                action.run();
                broker.run();
            } catch (StoreException e) {
                boolean full = e.error() == StoreError.DISK_FULL && broker.failure == null;
                if (!full && !goesOn) throw e;
                if (!full) {
                    broker.shard.log().applied();
                    wentOn = true;
                }
                client.disconnect();
                client = broker.connect();
                broker.run();
            }
        }

        private void sendAll(String queue, long delay, TreeSet<Long> into) {
            int handle = client.queue(queue);
            long due = delay == 0 ? 0 : clock.currentTimeMillis() + delay;
            for (int i = 0; i < MESSAGES; i++) {
                long sequence = i;
                byte[] message = SimulatedClient.message(1, sequence, new byte[10], true, 4, 0, null, due);
                client.send(handle, message, code -> {
                    if (code == ErrorCode.OK) into.add(sequence);
                });
                if (i % 5 == 0) broker.run();
            }
        }

        private void commitStaged() {
            int out = client.queue("out");
            boolean[] refused = new boolean[1];
            for (int i = 0; i < STAGED; i++) {
                client.send(1, out, message(i), code -> refused[0] |= code != ErrorCode.OK);
            }
            broker.run();
            if (refused[0]) client.disconnect(); // as an application that rolls back
            if (refused[0]) client = broker.connect();
            else client.commit(77L, 1, List.of(), List.of(), reply -> committed = reply.code() == ErrorCode.OK);
        }

        private void commitBranch() {
            int xa = client.queue("xa");
            List<Integer> to = new ArrayList<>();
            List<byte[]> messages = new ArrayList<>();
            for (int i = 0; i < MESSAGES; i++) {
                to.add(xa);
                messages.add(message(i));
            }
            client.startBranch(BRANCH, false, 9, 0, reply -> {});
            client.endBranch(BRANCH, 0, to, messages, reply -> {});
            client.branch(FrameType.XA_PREPARE, BRANCH, reply -> branchPrepared = reply.code() == ErrorCode.OK);
            broker.run();
            client.commitBranch(BRANCH, false, reply -> branchCommitted = reply.code() == ErrorCode.OK);
        }

        private void rollBackAll() {
            client.deliveries.clear();
            client.consume(1, DestinationKind.QUEUE, "in", "", MESSAGES, reply -> {});
            broker.run();
            List<SimulatedClient.Delivery> all = List.copyOf(client.deliveries);
            if (!all.isEmpty()) {
                client.giveBack(true, reply -> {}, new long[] {1, all.get(0).sequence(), all.size()});
            }
            client.closeConsumer(1, Long.MAX_VALUE / 2, reply -> {});
            broker.run();
        }

        private static byte[] message(long sequence) {
            return SimulatedClient.message(1, sequence, new byte[10], true, 4, 0);
        }

        // ---- what is left

        void check() {
            boolean alive = broker.failure == null && !broker.shard.isDown();
            String before = alive ? describe(broker.shard.state()) : null;
            boolean powerLost = !alive && seed % 2 == 0;
            broker = SimulatedBroker.on(powerLost ? disk.afterPowerLoss() : disk.afterProcessDeath(), clock);
            if (alive) assertThat(describe(broker.shard.state())).as(what).isEqualTo(before);
            client = broker.connect();
            int[] outcome = new int[1];
            client.outcome(77, 1, 0, reply -> outcome[0] = (int) reply.value());
            boolean listed = broker.shard.state().branches().find(BRANCH) != null;
            if (listed) client.commitBranch(BRANCH, false, reply -> branchCommitted = reply.code() == ErrorCode.OK);
            broker.run();
            broker.advance(5_000);

            List<Long> in = drain(1, "in");
            in.addAll(drain(2, "DLQ"));
            assertThat(in).as(what + ", sent").doesNotHaveDuplicates().containsAll(confirmed);
            assertThat(drain(3, "later"))
                    .as(what + ", delayed")
                    .doesNotHaveDuplicates()
                    .containsAll(confirmedDelayed);
            List<Long> out = drain(4, "out");
            assertThat(out).as(what + ", committed").hasSizeBetween(0, STAGED);
            assertThat(out.size()).as(what + ", committed").isIn(0, STAGED);
            if (committed) assertThat(out).as(what + ", committed").hasSize(STAGED);
            boolean said = outcome[0] == TransactionOutcome.COMMITTED;
            assertThat(said).as(what + ", outcome").isEqualTo(out.size() == STAGED);
            List<Long> xa = drain(5, "xa");
            assertThat(xa.size()).as(what + ", branch").isIn(0, MESSAGES);
            if (branchPrepared || branchCommitted) {
                boolean decided = branchCommitted || listed;
                if (decided) assertThat(xa).as(what + ", branch").hasSize(MESSAGES);
            }
        }

        private List<Long> drain(int consumerId, String queue) {
            client.deliveries.clear();
            client.consume(consumerId, DestinationKind.QUEUE, queue, "", 10_000, reply -> {});
            broker.run();
            List<Long> sequences = new ArrayList<>();
            client.deliveries.forEach(delivery -> sequences.add(delivery.messageSequence()));
            return sequences;
        }

        /** All that must survive, as text. */
        private static String describe(ShardState state) {
            TreeMap<String, String> byName = new TreeMap<>();
            for (Destination destination : state.destinations()) {
                StringBuilder text = new StringBuilder();
                for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
                    Level level = destination.level(priority);
                    if (level != null) describe(destination, level, text);
                }
                byName.put(destination.name(), text.toString());
            }
            StringBuilder branches = new StringBuilder();
            for (PreparedBranch branch : state.branches().all()) {
                branches.append(branch.id()).append(branch.outcome()).append(branch.messages());
            }
            return byName + " delayed " + state.delayedMessages() + " branches " + branches;
        }

        private static void describe(Destination destination, Level level, StringBuilder text) {
            Row row = new Row();
            text.append(" to ").append(level.logged().endOffset());
            for (Subscription subscription : destination.subscriptions()) {
                var cursor = subscription.logged(level.priority());
                for (long offset = cursor.lowWater(); offset < level.logged().endOffset(); offset++) {
                    if (cursor.isSettled(offset)) continue;
                    level.logged().read(offset, row);
                    text.append(' ').append(offset).append('@').append(row.physicalOffset());
                    text.append('x').append(cursor.attempts(offset));
                }
            }
        }
    }
}
