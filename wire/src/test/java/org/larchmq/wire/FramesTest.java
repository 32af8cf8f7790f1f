package org.larchmq.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.Compression;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;

/** Every frame: what is written is read, as it is kept in files; what is not a frame is refused at no cost. */
class FramesTest {
    private static final int ROUNDS = 2_000;
    private static final long ALLOCATION_LIMIT_BYTES = 64 << 10;

    private final long seed = Long.getLong("larchmq.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @ParameterizedTest
    @EnumSource
    void theBytesAreThoseOfTheFile(FrameType type) {
        byte[] golden = HexFile.golden(type.name());
        assertArrayEquals(golden, Samples.frames().get(type), type.name());
        assertEquals(golden.length - 4, ByteBuffer.wrap(golden).getInt());
        assertEquals(type, FrameType.of(golden[4]));
        FrameWalk.frame(body(golden));
    }

    @Test
    void anotherVersionIsRefusedByBothEndsWithASentence() {
        var hello = new Frames.Hello(1, 2, "", "", "", "", 0, 0, Samples.secret(1));
        var refused = assertThrows(ProtocolException.class, () -> decodeAgain(hello::encode, Frames.Hello::decode));
        assertEquals(ErrorCode.VERSION, refused.code());
        assertEquals(
                "the client speaks protocol version 1 to 2, this broker speaks 3; use the same release of LarchMQ for"
                        + " both",
                refused.getMessage());
        var welcome = new Frames.Welcome(4, "b", "1", new UUID(1, 2), 1, 1, 0, 0, Compression.NONE);
        refused = assertThrows(ProtocolException.class, () -> decodeAgain(welcome::encode, Frames.Welcome::decode));
        assertEquals(ErrorCode.VERSION, refused.code());
        assertTrue(refused.getMessage().startsWith("the broker speaks protocol version 4, this client speaks 3"));
    }

    @Test
    void everyRecordIsReadAsItWasWritten() {
        System.out.println("FramesTest seed=" + seed);
        for (int i = 0; i < ROUNDS; i++) {
            String a = Samples.string(random);
            String b = Samples.string(random);
            DestinationKind kind = DestinationKind.of(random.nextInt(4));
            ErrorCode code = ErrorCode.values()[random.nextInt(ErrorCode.values().length)];
            int x = random.nextInt();
            int y = random.nextInt();
            int positive = random.nextInt(Integer.MAX_VALUE);
            var hello =
                    new Frames.Hello(x & 3, 3 + (y & 0xFF), a, b, b, a, positive, random.nextLong(), Samples.secret(x));
            roundTrip(hello, hello::encode, Frames.Hello::decode);
            UUID storeId = new UUID(random.nextLong(), random.nextLong());
            var welcome = new Frames.Welcome(3, a, b, storeId, x, y, positive, random.nextLong(), y & 0xFF);
            roundTrip(welcome, welcome::encode, Frames.Welcome::decode);
            var reply = new Frames.Reply(x, code, a, random.nextLong(), b);
            roundTrip(reply, reply::encode, Frames.Reply::decode);
            var create = new Frames.CreateConsumer(x, y, kind, a, b, x & 0xFF, b, positive, positive / 2);
            roundTrip(create, create::encode, Frames.CreateConsumer::decode);
            var close = new Frames.CloseConsumer(x, y, random.nextLong());
            roundTrip(close, close::encode, Frames.CloseConsumer::decode);
            var open = new Frames.OpenDestination(x, kind, a);
            roundTrip(open, open::encode, Frames.OpenDestination::decode);
            var outcome = new Frames.TransactionOutcome(x, random.nextLong(), random.nextLong(), random.nextLong());
            roundTrip(outcome, outcome::encode, Frames.TransactionOutcome::decode);
            var restore = new Frames.RestoreDestination(x, kind, a);
            roundTrip(restore, restore::encode, Frames.RestoreDestination::decode);
        }
    }

    private <T> void roundTrip(T frame, Consumer<ByteWriter> encode, Function<ByteReader, T> decode) {
        ByteWriter out = new ByteWriter(random.nextInt(100));
        encode.accept(out);
        ByteBuffer inTheMiddle = ByteBuffer.allocateDirect(out.size() + 7);
        inTheMiddle.put(3, out.array(), 0, out.size());
        assertEquals(out.size() - 4, inTheMiddle.getInt(3), "length, seed=" + seed);
        int body = 3 + FrameType.HEADER_BYTES;
        ByteReader in = new ByteReader().reset(inTheMiddle, body, 3 + out.size());
        assertEquals(frame, decode.apply(in), "seed=" + seed);
        assertEquals(0, in.remaining(), "seed=" + seed);
    }

    @ParameterizedTest
    @EnumSource
    void everyTruncationIsRefused(FrameType type) {
        byte[] whole = HexFile.golden(type.name());
        for (int size = FrameType.HEADER_BYTES; size < whole.length; size++) {
            ByteBuffer cut = ByteBuffer.wrap(whole, 4, size - 4).slice();
            assertThrows(ProtocolException.class, () -> FrameWalk.frame(cut), type + " of " + size + " bytes");
        }
        assertThrows(ProtocolException.class, () -> FrameWalk.frame(ByteBuffer.allocate(0)));
    }

    @ParameterizedTest
    @EnumSource
    void bytesTooManyAreRefused(FrameType type) {
        byte[] whole = HexFile.golden(type.name());
        ByteBuffer longer = body(Arrays.copyOf(whole, whole.length + 1));
        assertThrows(ProtocolException.class, () -> FrameWalk.frame(longer));
    }

    /** Each 2 and 4 bytes of each frame become a length or count that is too large. */
    @ParameterizedTest
    @EnumSource
    void noLengthMakesTheReaderAllocate(FrameType type) {
        byte[] whole = HexFile.golden(type.name());
        int[] sizes = {Integer.MAX_VALUE, Integer.MAX_VALUE - 8, 1 << 30, 1 << 20, -1, Integer.MIN_VALUE, 0xFFFF};
        for (int at = FrameType.HEADER_BYTES; at + 4 <= whole.length; at++) {
            for (int size : sizes) {
                ByteBuffer hostile = body(whole.clone()).putInt(at - 4, size);
                allocatesLittle(() -> walkAnything(hostile), type + " with " + size + " at " + at);
            }
        }
    }

    private static void walkAnything(ByteBuffer frame) {
        try {
            FrameWalk.frame(frame);
        } catch (ProtocolException refused) {
            // as it must be, unless the place was no length
        }
    }

    private static void allocatesLittle(Runnable reading, String about) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertDoesNotThrow(reading::run, about);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < ALLOCATION_LIMIT_BYTES, about + " allocated " + allocated);
    }

    @Test
    void anyDamageIsReadOrRefused() {
        for (int i = 0; i < 20_000; i++) {
            FrameType type = FrameType.values()[random.nextInt(FrameType.values().length)];
            byte[] damaged = HexFile.golden(type.name());
            for (int j = random.nextInt(4); j >= 0; j--)
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                FrameWalk.frame(body(damaged));
            } catch (ProtocolException refused) {
                assertEquals(
                        refused.code() == ErrorCode.VERSION,
                        refused.getMessage().contains("version"),
                        "seed=" + seed);
            }
        }
    }

    @Test
    void whatIsNotTheProtocolIsToldSo() {
        byte[] http = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes();
        var refused =
                assertThrows(ProtocolException.class, () -> Frames.Hello.decode(new ByteReader(ByteBuffer.wrap(http))));
        assertEquals(ErrorCode.PROTOCOL, refused.code());
        assertTrue(refused.getMessage().contains("not the LarchMQ protocol"));
    }

    @Test
    void negativeValuesAreRefusedWhereTheyHaveNoMeaning() {
        var hello = new Frames.Hello(3, 3, "", "", "", "", -1, 0, Samples.secret(1));
        assertThrows(ProtocolException.class, () -> decodeAgain(hello::encode, Frames.Hello::decode));
        byte[] create = HexFile.golden("CREATE_CONSUMER");
        for (int at : new int[] {create.length - 4, create.length - 8}) {
            ByteBuffer negative = body(create.clone()).putInt(at - 4, -1);
            assertThrows(ProtocolException.class, () -> FrameWalk.frame(negative));
        }
    }

    private static <T> T decodeAgain(Consumer<ByteWriter> encode, Function<ByteReader, T> decode) {
        ByteWriter out = new ByteWriter(16);
        encode.accept(out);
        return decode.apply(new ByteReader(out.toByteBuffer().position(FrameType.HEADER_BYTES)));
    }

    @Test
    void aPasswordIsNotShown() {
        assertFalse(Frames.Hello.once("c", "u", "s3cret", "p", 0).toString().contains("s3cret"));
    }

    @Test
    void theConstantsAreThoseOfTheTables() {
        byte[] send = HexFile.golden("SEND");
        assertEquals(1, ByteBuffer.wrap(send).getInt(FrameType.HEADER_BYTES + SendFrame.COUNT_AT));
        byte[] deliver = HexFile.golden("DELIVER");
        int flags = FrameType.HEADER_BYTES + DeliverFrame.HEADER_BYTES;
        assertEquals(DeliverFrame.REDELIVERED | DeliverFrame.ORIGIN, deliver[flags]);
        assertEquals(MessageLayout.CURRENT_VERSION, deliver[flags + DeliverFrame.PER_MESSAGE_BYTES]);
    }

    /** Type and body of a whole frame. */
    private static ByteBuffer body(byte[] frame) {
        return ByteBuffer.wrap(frame, 4, frame.length - 4).slice();
    }
}
