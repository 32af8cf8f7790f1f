package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.Values;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.XaFrames;

/** Makes frames: valid, nearly valid, and hostile, of few names and numbers so that they meet. */
final class HostileFrames {
    private static final String[] NAMES = {"a", "b", "t", "DLQ", "\0x", "", "temporary-queue-1"};
    private static final String[] SELECTORS = {
        "", "n < 6", "n < 4", "tag = 'red'", "JMS_LARCH_TAG = 'red'", "n >", "JMSPriority < 5"
    };

    private final Random random;
    private final Theme theme;
    private final HostileLink link;
    private final ClientConnection connection;
    private final long nowMillis;

    HostileFrames(Random random, Theme theme, HostileLink link, ClientConnection connection, long nowMillis) {
        this.random = random;
        this.theme = theme;
        this.link = link;
        this.connection = connection;
        this.nowMillis = nowMillis;
    }

    /** A whole frame, length and type included. */
    byte[] next() {
        ByteWriter out = new ByteWriter(256);
        write(out);
        byte[] frame = out.toByteArray();
        if (random.nextInt(12) == 0) {
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int at = 5 + random.nextInt(Math.max(1, frame.length - 5));
                if (at < frame.length) frame[at] = (byte) (random.nextBoolean() ? random.nextInt(4) : random.nextInt());
            }
        }
        return frame;
    }

    private void write(ByteWriter out) {
        switch (theme.pick(random)) {
            case OPEN -> new Frames.OpenDestination(id(), kind(), name()).encode(out);
            case CONSUME -> consume(out);
            case SEND -> messages(FrameType.SEND, out);
            case RESEND -> messages(FrameType.RESEND, out);
            case ACK -> settle(FrameType.ACK, out);
            case RETURN -> settle(FrameType.RETURN, out);
            case COMMIT -> commit(out);
            case CLOSE_CONSUMER -> new Frames.CloseConsumer(id(), consumer(), sequence(consumer())).encode(out);
            case PART -> part(out);
            case SEND_LARGE -> sendLarge(out);
            case CREDIT ->
                frame(
                        FrameType.CREDIT,
                        out,
                        o -> o.putInt(consumer()).putInt(number(900)).putInt(1 << 20));
            case DRAIN ->
                frame(
                        FrameType.DRAIN,
                        out,
                        o -> o.putInt(id()).putInt(consumer()).putByte(random.nextInt(2)));
            case ROLLBACK -> frame(FrameType.ROLLBACK, out, o -> o.putInt(id()).putLong(transaction()));
            case DELETE ->
                frame(FrameType.DELETE_DESTINATION, out, o -> o.putInt(id()).putInt(handle()));
            case BROWSE ->
                frame(
                        FrameType.BROWSE,
                        out,
                        o -> o.putInt(id()).putInt(consumer()).putInt(number(9)).putInt(9999));
            case RARE -> rare(out);
            case BRANCH -> branch(out);
        }
    }

    /** What a frame is for. */
    enum Kind {
        OPEN,
        CONSUME,
        SEND,
        RESEND,
        ACK,
        RETURN,
        COMMIT,
        CLOSE_CONSUMER,
        PART,
        SEND_LARGE,
        CREDIT,
        DRAIN,
        ROLLBACK,
        DELETE,
        BROWSE,
        RARE,
        BRANCH
    }

    /** What a sequence is about: a few kinds of frames that come often, so that they get deep, and others never. */
    static final class Theme {
        private final int[] weights = new int[Kind.values().length];
        private final int names;
        private final int burst;
        private final int lifeMillis;
        private final boolean browses;
        private final int selectors;
        private int sum;

        Theme(Random random) {
            for (Kind kind : Kind.values()) {
                int[] choices = {0, 1, 1, 2, 6};
                weights[kind.ordinal()] = choices[random.nextInt(choices.length)];
            }
            weights[Kind.SEND.ordinal()] += 2;
            weights[Kind.CONSUME.ordinal()] += 1;
            for (int weight : weights) sum += weight;
            names = 1 + random.nextInt(3);
            burst = random.nextInt(12) == 0 ? 3 : 60;
            lifeMillis = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(60);
            browses = random.nextInt(3) == 0;
            selectors = random.nextBoolean() ? SELECTORS.length : 3;
        }

        Kind pick(Random random) {
            int at = random.nextInt(sum);
            for (Kind kind : Kind.values()) {
                at -= weights[kind.ordinal()];
                if (at < 0) return kind;
            }
            throw new AssertionError();
        }
    }

    private void rare(ByteWriter out) {
        switch (random.nextInt(10)) {
            case 0 -> frame(FrameType.ASK, out, o -> o.putInt(consumer()));
            case 1 -> frame(FrameType.UNSUBSCRIBE, out, o -> o.putInt(id()).putShortString(name()));
            case 2 -> new Frames.RestoreDestination(id(), kind(), link.lastName).encode(out);
            case 3 -> new Frames.TransactionOutcome(id(), producer(), transaction(), number(5)).encode(out);
            case 4 -> frame(FrameType.SEEN, out, o -> o.putInt(consumer()).putLong(sequence(consumer())));
            case 5 -> frame(FrameType.PRODUCER, out, o -> o.putInt(random.nextInt(3)));
            case 6 -> frame(FrameType.PRODUCER_CLOSED, out, o -> o.putInt(random.nextInt(3)));
            case 7 -> frame(FrameType.ADMIN, out, o -> o.putInt(id()).putShortString(command()));
            case 8 -> frame(FrameType.CLOSE, out, o -> o.putInt(id()));
            default -> frame(FrameType.XA_RECOVER, out, o -> o.putInt(id()).putLong(number(3)));
        }
    }

    private String command() {
        String[] commands = {
            "queues",
            "topics",
            "subscriptions",
            "consumers",
            "connections",
            "queues 3",
            "consumers 4294967297",
            "destination delete queue a",
            "subscription delete b",
            "transactions list",
            "transactions commit " + branch(),
            ""
        };
        return commands[random.nextInt(commands.length)];
    }

    private void consume(ByteWriter out) {
        boolean own = random.nextInt(4) == 0 && !link.temporaryQueue.isEmpty();
        new Frames.CreateConsumer(
                        id(),
                        consumer(),
                        own ? DestinationKind.TEMPORARY_QUEUE : kind(),
                        own ? link.temporaryQueue : name(),
                        SELECTORS[random.nextInt(theme.selectors)],
                        flags(),
                        random.nextBoolean() ? "" : name(),
                        random.nextInt(3) == 0 ? 1_000 : random.nextInt(30),
                        random.nextInt(1_000_000))
                .encode(out);
    }

    private int flags() {
        if (theme.browses && random.nextBoolean()) return Frames.CreateConsumer.BROWSER;
        return random.nextInt(3) == 0 ? random.nextInt(64) : 0;
    }

    private void messages(FrameType type, ByteWriter out) {
        frame(type, out, o -> {
            o.putLong(number(1000)).putLong(type == FrameType.SEND && random.nextInt(3) > 0 ? 0 : transaction());
            putMessages(o, random.nextInt(theme.burst) == 0 ? 400 : 1 + random.nextInt(8));
        });
    }

    /** What a client does first: then most of what it sends is valid. */
    List<byte[]> introduction() {
        List<byte[]> frames = new ArrayList<>();
        for (int index = 0; index < 3; index++) {
            int producer = index;
            add(frames, out -> frame(FrameType.PRODUCER, out, o -> o.putInt(producer)));
        }
        add(frames, out -> new Frames.OpenDestination(id(), DestinationKind.TOPIC, "t").encode(out));
        add(frames, out -> new Frames.OpenDestination(id(), DestinationKind.TEMPORARY_QUEUE, "").encode(out));
        add(frames, out -> new Frames.OpenDestination(id(), DestinationKind.QUEUE, "b").encode(out));
        add(frames, out -> new Frames.OpenDestination(id(), DestinationKind.QUEUE, "a").encode(out));
        add(frames, this::consume);
        add(frames, this::consume);
        return frames;
    }

    private static void add(List<byte[]> frames, Consumer<ByteWriter> write) {
        ByteWriter out = new ByteWriter(128);
        write.accept(out);
        frames.add(out.toByteArray());
    }

    private void putMessages(ByteWriter out, int count) {
        out.putInt(random.nextInt(40) == 0 ? count + 1 : count);
        for (int i = 0; i < count; i++) {
            byte[] message =
                    message(count < 100 && random.nextInt(12) == 0 ? random.nextInt(60_000) : random.nextInt(30));
            out.putInt(handle()).putInt(message.length).putBytes(message);
        }
    }

    private void settle(FrameType type, ByteWriter out) {
        frame(type, out, o -> {
            o.putInt(random.nextInt(3) == 0 ? 0 : id()).putByte(random.nextInt(6) == 0 ? random.nextInt(4) : 0);
            putGroups(o);
        });
    }

    private void putGroups(ByteWriter out) {
        int groups = random.nextInt(10) == 0 ? random.nextInt(4) : 1;
        out.putShort(groups);
        int first = consumer();
        for (int g = 0; g < groups; g++) {
            int consumer = first + g;
            int ranges = random.nextInt(8) == 0 ? random.nextInt(4) : 1;
            out.putInt(consumer).putLong(random.nextBoolean() ? 0 : Math.max(0, sequence(consumer)));
            out.putInt(ranges);
            long from = 1;
            for (int r = 0; r < ranges; r++) {
                long last = sequence(consumer);
                from = random.nextInt(30) == 0 ? last : Math.max(from, last - random.nextInt(6));
                if (random.nextInt(8) == 0) from = 1;
                int count = random.nextInt(6) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(4);
                out.putLong(Math.max(random.nextInt(50) == 0 ? 0 : 1, from)).putInt(count);
                from += count;
            }
        }
    }

    private void commit(ByteWriter out) {
        boolean named = random.nextInt(4) == 0;
        frame(named ? FrameType.COMMIT_NAMED : FrameType.COMMIT, out, o -> {
            if (named) o.putLong(producer());
            o.putInt(id()).putLong(transaction());
            putGroups(o);
            putMessages(o, random.nextInt(4));
        });
    }

    private void part(ByteWriter out) {
        int size = random.nextInt(4) == 0 ? random.nextInt(100) : Protocol.SMALLEST_PART_BYTES;
        int at = random.nextInt(3) * Protocol.SMALLEST_PART_BYTES;
        int bytes = random.nextInt(60) == 0 ? 2_000_000 : size;
        frame(FrameType.PART, out, o -> o.putInt(at).putInt(bytes).putBytes(new byte[bytes]));
    }

    private void sendLarge(ByteWriter out) {
        int bodyBytes = Protocol.SMALLEST_PART_BYTES * random.nextInt(3);
        byte[] whole = message(0);
        ByteBuffer.wrap(whole).putInt(MessageLayout.BODY_SIZE, bodyBytes);
        frame(
                FrameType.SEND_LARGE,
                out,
                o -> o.putLong(number(99))
                        .putLong(random.nextBoolean() ? 0 : transaction())
                        .putLong(random.nextInt(4) == 0 ? 0 : -1)
                        .putInt(handle())
                        .putInt(whole.length)
                        .putBytes(whole));
    }

    private void branch(ByteWriter out) {
        BranchId branch = branch();
        switch (random.nextInt(8)) {
            case 0, 1 ->
                XaFrames.encodeStart(
                        id(),
                        branch,
                        random.nextInt(3) == 0 ? XaFrames.JOIN : 0,
                        transaction(),
                        random.nextInt(100),
                        out);
            case 2, 3 ->
                frame(FrameType.XA_END, out, o -> {
                    branch.encode(o.putInt(id()));
                    o.putByte(random.nextInt(4) == 0 ? random.nextInt(4) : 0);
                    putGroups(o);
                    putMessages(o, random.nextInt(3));
                });
            case 4 -> XaFrames.encode(FrameType.XA_PREPARE, id(), branch, out);
            case 5 -> XaFrames.encode(FrameType.XA_ROLLBACK, id(), branch, out);
            case 6 -> XaFrames.encode(FrameType.XA_FORGET, id(), branch, out);
            default -> XaFrames.encodeCommit(id(), branch, random.nextInt(2), out);
        }
    }

    private BranchId branch() {
        return new BranchId(1, new byte[] {(byte) random.nextInt(3)}, new byte[] {2});
    }

    private static void frame(FrameType type, ByteWriter out, Consumer<ByteWriter> body) {
        int mark = type.begin(out);
        body.accept(out);
        FrameType.end(out, mark);
    }

    private byte[] message(int bodyBytes) {
        ByteWriter properties = new ByteWriter(64);
        boolean tagged = random.nextInt(4) == 0;
        properties.putShort(tagged ? 2 : 1).putShortString("n");
        Values.write(properties, random.nextInt(8));
        if (tagged) {
            properties.putShortString(MessageLayout.TAG_PROPERTY);
            Values.write(properties, "red");
        }
        long expiration =
                theme.lifeMillis > 0 && random.nextInt(3) > 0 ? nowMillis + random.nextInt(theme.lifeMillis) : 0;
        long deliveryTime = random.nextInt(8) == 0 ? nowMillis + random.nextInt(60) : 0;
        int flags = random.nextBoolean() ? MessageLayout.FLAG_PERSISTENT : 0;
        boolean tracked = random.nextInt(6) == 0;
        if (tracked) flags |= MessageLayout.FLAG_TRACKED;
        ByteWriter out = new ByteWriter(128 + bodyBytes);
        out.putByte(MessageLayout.CURRENT_VERSION).putByte(MessageLayout.BODY_BYTES);
        out.putByte(flags).putByte(random.nextInt(4) == 0 ? random.nextInt(10) : 4);
        out.putLong(0)
                .putLong(expiration)
                .putLong(deliveryTime)
                .putLong(producer())
                .putLong(number(40));
        int hash = tagged ? MessageLayout.tagHash("red") : 0;
        out.putInt(random.nextInt(60) == 0 ? 1 : hash)
                .putInt(1)
                .putInt(properties.size())
                .putInt(bodyBytes);
        out.putByte(0).putBytes(properties.toByteArray()).putBytes(new byte[bodyBytes]);
        return out.toByteArray();
    }

    // ---- names and numbers

    private int id() {
        return 1 + random.nextInt(1000);
    }

    private int consumer() {
        return 1 + random.nextInt(4);
    }

    private long sequence(int consumer) {
        long last = link.lastSequence(consumer);
        return random.nextInt(25) == 0 ? number(5) : Math.max(1, last - random.nextInt(3));
    }

    private int handle() {
        if (random.nextInt(6) == 0 && link.temporaryHandle != 0) return link.temporaryHandle;
        return random.nextInt(3) > 0 && link.lastHandle != 0 ? link.lastHandle : 1 + random.nextInt(8);
    }

    private long transaction() {
        return 1 + random.nextInt(4);
    }

    private long producer() {
        return random.nextInt(200) == 0 ? 99 : connection.identity().producerId(random.nextInt(3));
    }

    /** Most often small, now and then as large as there are. */
    private int number(int usual) {
        return switch (random.nextInt(100)) {
            case 0 -> Integer.MAX_VALUE;
            case 1 -> -1;
            case 2 -> Integer.MIN_VALUE;
            default -> random.nextInt(usual);
        };
    }

    private DestinationKind kind() {
        return random.nextInt(4) == 0
                ? DestinationKind.values()[random.nextInt(DestinationKind.values().length)]
                : DestinationKind.QUEUE;
    }

    private String name() {
        return NAMES[random.nextInt(random.nextInt(20) == 0 ? NAMES.length : theme.names)];
    }
}
