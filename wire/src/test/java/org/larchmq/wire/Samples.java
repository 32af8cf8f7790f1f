package org.larchmq.wire;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.Compression;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.Values;

/** Frames and messages: the fixed ones that the golden files show, and random ones. */
final class Samples {
    private static final List<String> STRINGS = List.of("", "a", "größe", "😀", "\u0000", "日本語", "x".repeat(300));

    private Samples() {}

    /** One frame of every type, with its length, as in the golden files. */
    static Map<FrameType, byte[]> frames() {
        Map<FrameType, byte[]> frames = new EnumMap<>(FrameType.class);
        for (FrameType type : FrameType.values()) {
            ByteWriter out = new ByteWriter(16);
            write(type, out);
            frames.put(type, out.toByteArray());
        }
        return frames;
    }

    private static void write(FrameType type, ByteWriter out) {
        switch (type) {
            case HELLO ->
                new Frames.Hello(3, 3, "shop1", "alice", "s3cret", "larchmq-java", 30_000, 77, secret(1)).encode(out);
            case CREATE_CONSUMER ->
                new Frames.CreateConsumer(
                                7,
                                3,
                                DestinationKind.TOPIC,
                                "prices",
                                "a > 1",
                                Frames.CreateConsumer.DURABLE | Frames.CreateConsumer.SHARED,
                                "eu1",
                                100,
                                1 << 20)
                        .encode(out);
            case CLOSE_CONSUMER -> new Frames.CloseConsumer(8, 3, 41).encode(out);
            case OPEN_DESTINATION -> new Frames.OpenDestination(12, DestinationKind.QUEUE, "orders").encode(out);
            case WELCOME ->
                new Frames.Welcome(3, "b1", "0.1.0", new UUID(7, 8), 16 << 20, 8 << 20, 30_000, 4096, Compression.ALL)
                        .encode(out);
            case TRANSACTION_OUTCOME -> new Frames.TransactionOutcome(17, 0xABCDEF, 5, 4096).encode(out);
            case RESTORE_DESTINATION ->
                new Frames.RestoreDestination(18, DestinationKind.TEMPORARY_QUEUE, "temporary-queue-1").encode(out);
            case REPLY -> new Frames.Reply(12, ErrorCode.INVALID_DESTINATION, "why", 2, "orders").encode(out);
            case XA_START -> XaFrames.encodeStart(17, branch(), XaFrames.JOIN, 6, 60_000, out);
            case XA_PREPARE, XA_ROLLBACK, XA_FORGET -> XaFrames.encode(type, 18, branch(), out);
            case XA_COMMIT -> XaFrames.encodeCommit(19, branch(), XaFrames.ONE_PHASE, out);
            case XA_RECOVER -> XaFrames.encodeRecover(20, 1000, out);
            default -> {
                int mark = type.begin(out);
                writeBody(type, out);
                FrameType.end(out, mark);
            }
        }
    }

    private static void writeBody(FrameType type, ByteWriter out) {
        switch (type) {
            case CREDIT -> out.putInt(3).putInt(50).putInt(32 << 10);
            case SEND -> putMessage(out.putLong(10).putLong(0).putInt(1).putInt(2), textMessage());
            case ACK -> ranges(out.putInt(0).putByte(0).putShort(1).putInt(3).putLong(12), 1, 5, 10, 1);
            case RETURN ->
                ranges(
                        out.putInt(9)
                                .putByte(AckFrame.SEEN)
                                .putShort(1)
                                .putInt(3)
                                .putLong(12),
                        6,
                        4);
            case COMMIT -> {
                ranges(out.putInt(10).putLong(5).putShort(1).putInt(3).putLong(12), 1, 2);
                putMessage(out.putInt(1).putInt(2), emptyMessage());
            }
            case XA_END -> {
                branch().encode(out.putInt(21));
                ranges(out.putByte(XaFrames.SUSPEND).putShort(1).putInt(3).putLong(12), 1, 2);
                putMessage(out.putInt(1).putInt(2), emptyMessage());
            }
            case RESEND -> putMessage(out.putLong(10).putLong(4096).putInt(1).putInt(2), textMessage());
            case COMMIT_NAMED -> {
                ranges(
                        out.putLong(0xABCDEF)
                                .putInt(10)
                                .putLong(5)
                                .putShort(1)
                                .putInt(3)
                                .putLong(12),
                        1,
                        2);
                putMessage(out.putInt(1).putInt(2), emptyMessage());
            }
            case ROLLBACK -> out.putInt(11).putLong(5);
            case DELETE_DESTINATION -> out.putInt(13).putInt(2);
            case CLOSE -> out.putInt(14);
            case ADMIN -> out.putInt(15).putShortString("status");
            case DRAIN -> out.putInt(16).putInt(3).putByte(1);
            case UNSUBSCRIBE -> out.putInt(17).putShortString("eu1");
            case SET_CLIENT_ID -> out.putInt(18).putShortString("shop1");
            case ASK, RECALL -> out.putInt(3);
            case BROWSE -> out.putInt(19).putInt(3).putInt(100).putInt(1 << 20);
            case SEEN -> out.putInt(3).putLong(41);
            case PRODUCER, PRODUCER_CLOSED -> out.putInt(2);
            case RECEIPT -> out.putShort(2).putLong(1).putInt(9).putLong(11).putInt(1);
            case SEND_FAILED ->
                out.putLong(10).putShort(ErrorCode.DISK_FULL.number()).putString("full");
            case DELIVER -> {
                out.putInt(3)
                        .putLong(1)
                        .putInt(1)
                        .putByte(DeliverFrame.REDELIVERED | DeliverFrame.ORIGIN)
                        .putShort(2);
                putMessage(out, textMessage());
                out.putByte(DestinationKind.QUEUE.number())
                        .putShortString("orders")
                        .putShortString("exhausted");
            }
            case PART -> out.putInt(196_608).putInt(4).putUtf8("text");
            case DELIVER_PART ->
                out.putInt(3).putLong(1).putInt(196_608).putInt(4).putUtf8("text");
            case SEND_LARGE -> putMessage(out.putLong(10).putLong(0).putLong(-1).putInt(2), head());
            case DELIVER_LARGE -> {
                putMessage(out.putInt(3).putLong(1).putInt(1).putByte(0).putShort(1), head());
            }
            case SEND_WINDOW -> out.putInt(4 << 20);
            case FATAL -> out.putShort(ErrorCode.PROTOCOL.number()).putString("why");
            case PING, PONG -> {}
            default -> throw new AssertionError("no sample of " + type);
        }
    }

    /** A secret of 32 equal bytes. */
    static ClientSecret secret(int everyByte) {
        byte[] bytes = new byte[ClientSecret.BYTES];
        Arrays.fill(bytes, (byte) everyByte);
        return ClientSecret.of(bytes);
    }

    static BranchId branch() {
        return new BranchId(131_077, new byte[] {1, 2, 3}, new byte[] {(byte) 0xFF});
    }

    private static void putMessage(ByteWriter out, byte[] message) {
        out.putInt(message.length).putBytes(message);
    }

    private static void ranges(ByteWriter out, long... fromAndCount) {
        out.putInt(fromAndCount.length / 2);
        for (int i = 0; i < fromAndCount.length; i += 2) {
            out.putLong(fromAndCount[i]).putInt((int) fromAndCount[i + 1]);
        }
    }

    private static byte[] textMessage() {
        ByteWriter headers = new ByteWriter(16).putByte(0);
        ByteWriter properties = new ByteWriter(16).putShort(1).putShortString("n");
        Values.write(properties, (byte) 42);
        ByteWriter body = new ByteWriter(16);
        body.putUtf8("text");
        long[] fixed = {1_700_000_000_000L, 0, 0, 0xABCDEF, 17};
        return message(MessageLayout.BODY_TEXT, MessageLayout.FLAG_PERSISTENT, 4, fixed, 0, headers, properties, body);
    }

    private static byte[] head() {
        byte[] message = textMessage();
        byte[] head = java.util.Arrays.copyOf(message, message.length - 4);
        java.nio.ByteBuffer.wrap(head).putInt(MessageLayout.BODY_SIZE, 196_612);
        return head;
    }

    private static byte[] emptyMessage() {
        ByteWriter headers = new ByteWriter(16).putByte(MessageLayout.HAS_TYPE).putString("ty");
        ByteWriter properties = new ByteWriter(16).putShort(0);
        long[] fixed = {0, 1, 2, 3, 4};
        return message(MessageLayout.BODY_NONE, 0, 9, fixed, 0, headers, properties, new ByteWriter(16));
    }

    /** A message with everything a text message can have, as golden/MESSAGE.hex. */
    static byte[] fullMessage() {
        ByteWriter headers = new ByteWriter(16)
                .putByte(MessageLayout.HAS_CORRELATION_ID | MessageLayout.HAS_REPLY_TO | MessageLayout.HAS_TYPE)
                .putString("c-1")
                .putByte(DestinationKind.TEMPORARY_QUEUE.number())
                .putShortString("tmp1")
                .putString("invoices");
        Object[] values = {
            null,
            true,
            (byte) -128,
            Short.MAX_VALUE,
            -1,
            Long.MIN_VALUE,
            1.5f,
            -2.5,
            new byte[] {(byte) 0xCA, (byte) 0xFE},
            'A'
        };
        ByteWriter properties = new ByteWriter(16).putShort(1 + values.length);
        Values.write(properties.putShortString(MessageLayout.TAG_PROPERTY), "blue");
        for (int i = 0; i < values.length; i++) {
            Values.write(properties.putShortString(Character.toString('a' + i)), values[i]);
        }
        ByteWriter body = new ByteWriter(16);
        body.putUtf8("hello!");
        long[] fixed = {1_700_000_000_000L, 1_700_000_000_500L, 1_700_000_000_100L, -2, 256};
        return message(
                MessageLayout.BODY_TEXT,
                MessageLayout.FLAG_PERSISTENT,
                7,
                fixed,
                MessageLayout.tagHash("blue"),
                headers,
                properties,
                body);
    }

    /** The full message with a compressed body, as in the golden file. */
    static byte[] compressedMessage() {
        byte[] full = fullMessage();
        int bodyAt = full.length - "hello!".length();
        ByteWriter out = new ByteWriter(256).putBytes(full, 0, bodyAt);
        out.putInt(100);
        out.putByte(0x1F).putByte('a').putByte(1).putByte(0).putByte(75);
        out.putByte(0x50).putUtf8("aaaaa");
        out.patchByte(MessageLayout.VERSION, MessageLayout.COMPRESSED_VERSION);
        out.patchByte(MessageLayout.FLAGS, MessageLayout.FLAG_PERSISTENT | Compression.LZ4.flag());
        out.patchInt(MessageLayout.BODY_SIZE, out.size() - bodyAt);
        return out.toByteArray();
    }

    static byte[] randomMessage(Random random) {
        ByteWriter headers = new ByteWriter(16);
        int presence = random.nextInt(16);
        headers.putByte(presence);
        if ((presence & MessageLayout.HAS_CORRELATION_ID) != 0) headers.putString(string(random));
        if ((presence & MessageLayout.HAS_REPLY_TO) != 0)
            headers.putByte(random.nextInt(4)).putShortString(string(random));
        if ((presence & MessageLayout.HAS_TYPE) != 0) headers.putString(string(random));
        int count = random.nextInt(6);
        ByteWriter properties = new ByteWriter(16).putShort(count);
        for (int i = 0; i < count; i++) Values.write(properties.putShortString("p" + i), value(random));
        int bodyType = random.nextInt(6);
        ByteWriter body = new ByteWriter(16);
        switch (bodyType) {
            case MessageLayout.BODY_NONE -> {}
            case MessageLayout.BODY_TEXT -> body.putUtf8(string(random));
            case MessageLayout.BODY_MAP -> Values.write(body.putInt(1).putShortString("k"), value(random));
            case MessageLayout.BODY_STREAM -> Values.write(body.putInt(1), value(random));
            default -> body.putBytes(new byte[random.nextInt(50)]);
        }
        long[] fixed = random.longs(5).toArray();
        return message(
                bodyType, random.nextInt(8), random.nextInt(10), fixed, random.nextInt(), headers, properties, body);
    }

    /** @param fixed timestamp, expiration, delivery time, producer id, sequence */
    private static byte[] message(
            int bodyType,
            int flags,
            int priority,
            long[] fixed,
            int tagHash,
            ByteWriter headers,
            ByteWriter properties,
            ByteWriter body) {
        ByteWriter out = new ByteWriter(128);
        out.putByte(MessageLayout.CURRENT_VERSION)
                .putByte(bodyType)
                .putByte(flags)
                .putByte(priority);
        for (long field : fixed) out.putLong(field);
        out.putInt(tagHash).putInt(headers.size()).putInt(properties.size()).putInt(body.size());
        return out.putBytes(headers.toByteArray())
                .putBytes(properties.toByteArray())
                .putBytes(body.toByteArray())
                .toByteArray();
    }

    static Object value(Random random) {
        return switch (random.nextInt(11)) {
            case 0 -> null;
            case 1 -> random.nextBoolean();
            case 2 -> (byte) random.nextInt();
            case 3 -> (short) random.nextInt();
            case 4 -> random.nextInt();
            case 5 -> random.nextLong();
            case 6 -> Float.intBitsToFloat(random.nextInt());
            case 7 -> Double.longBitsToDouble(random.nextLong());
            case 8 -> string(random);
            case 9 -> new byte[random.nextInt(20)];
            default -> (char) random.nextInt();
        };
    }

    static String string(Random random) {
        return STRINGS.get(random.nextInt(STRINGS.size()));
    }
}
