package org.larchmq.jms.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ResourceAllocationException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.Compression;
import org.larchmq.message.MessageLayout;

/** Encoded messages in and out of compression, and what compressed bytes of strangers may do: nothing but be refused. */
class CompressedBodyTest {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MIN_BYTES = 100;
    private static final int AT = 9;

    private final long seed = Long.getLong("larchmq.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static ByteWriter message(byte[] body) {
        ByteWriter out = new ByteWriter(256);
        out.putByte(MessageLayout.CURRENT_VERSION).putByte(MessageLayout.BODY_BYTES);
        out.putByte(MessageLayout.FLAG_PERSISTENT).putByte(4);
        for (int i = 0; i < 5; i++) out.putLong(i);
        out.putInt(0).putInt(1).putInt(7).putInt(body.length);
        out.putByte(0).putShort(1).putShortString("p").putByte(1).putByte(1);
        return out.putBytes(body);
    }

    private static byte[] compressible(int bytes) {
        byte[] body = new byte[bytes];
        for (int i = 0; i < bytes; i++) body[i] = (byte) ("order ".charAt(i % 6) + i / 97 % 3);
        return body;
    }

    private static byte[] compressed(Compression compression, byte[] body) throws JMSException {
        ByteWriter message = message(body);
        new BodyCompressor(compression, MIN_BYTES).compress(message);
        return message.toByteArray();
    }

    private static ByteBuffer inTheMiddle(byte[] message) {
        return ByteBuffer.wrap(new byte[message.length + 20], 3, message.length + 15)
                .slice()
                .put(AT, message);
    }

    private static byte[] decompress(byte[] message) throws JMSException {
        ByteBuffer buffer = inTheMiddle(message);
        MessageLayout.check(buffer, AT, message.length);
        JMSException unreadable = CompressedBody.whyUnreadable(buffer, AT, MAX_BYTES);
        if (unreadable != null) throw unreadable;
        return CompressedBody.decompress(buffer, AT, message.length, MAX_BYTES);
    }

    @ParameterizedTest
    @EnumSource
    void bodiesOfAnySizeComeBack(Compression compression) throws Exception {
        for (int size : new int[] {MIN_BYTES, MIN_BYTES + 1, 1000, 65_535, 65_536, 196_608, 300_000, MAX_BYTES}) {
            byte[] body = compressible(size);
            byte[] message = compressed(compression, body);
            assertThat(message).hasSizeLessThan(size);
            assertThat(MessageLayout.compression(ByteBuffer.wrap(message), 0)).isEqualTo(compression);
            assertThat(decompress(message)).isEqualTo(body);
            assertThat(BodyCompressor.undo(message)).isEqualTo(message(body).toByteArray());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMessageStaysByteForByteWhatItWasWhenItsBodyIsSmallOrDoesNotShrink(Compression compression) throws Exception {
        byte[] chance = new byte[10_000];
        random.nextBytes(chance);
        for (byte[] body : new byte[][] {{}, {1}, compressible(MIN_BYTES - 1), chance}) {
            byte[] plain = message(body).toByteArray();
            assertThat(compressed(compression, body)).isEqualTo(plain);
            assertThat(CompressedBody.whyUnreadable(ByteBuffer.wrap(plain), 0, 1))
                    .isNull();
            assertThat(BodyCompressor.undo(plain)).isSameAs(plain);
        }
    }

    @Test
    void oneCompressorIsUsedForMessagesOfAllSizes() throws Exception {
        BodyCompressor compressor = new BodyCompressor(Compression.LZ4, 0);
        for (int size : new int[] {0, 1, 4, 5, 6, 40, 1_000_000, 50, 300_000, 0, 2}) {
            byte[] body = compressible(size);
            ByteWriter message = message(body);
            compressor.compress(message);
            MessageLayout.check(message.toByteBuffer(), 0, message.size());
            assertThat(BodyCompressor.undo(message.toByteArray()))
                    .isEqualTo(message(body).toByteArray());
        }
    }

    /** The body of golden/MESSAGE_COMPRESSED.hex. */
    @ParameterizedTest
    @EnumSource
    void sessionsCompressAndReadAtTheSameTimeWhateverHasFailedBefore(Compression compression) throws Exception {
        byte[] damaged = compressed(compression, compressible(50_000));
        damaged[damaged.length / 2] ^= 0x55;
        Callable<Void> session = () -> {
            for (int size = 1_000; size < 40_000; size += 150) {
                byte[] body = compressible(size);
                assertThat(decompress(compressed(compression, body))).isEqualTo(body);
                readOrRefuse(damaged);
            }
            return null;
        };
        ExecutorService sessions = Executors.newFixedThreadPool(4);
        try {
            for (Future<Void> end : sessions.invokeAll(Collections.nCopies(4, session))) end.get();
        } finally {
            sessions.shutdownNow();
        }
    }

    @Test
    void theBytesOfTheDocumentationAreAHundredTimesTheSameLetter() throws Exception {
        byte[] block = {0x1F, 'a', 1, 0, 75, 0x50, 'a', 'a', 'a', 'a', 'a'};
        assertThat(new String(decompress(lying(Compression.LZ4, 100, block)))).isEqualTo("a".repeat(100));
    }

    private static byte[] lying(Compression compression, int bodyBytes, byte[] compressed) {
        ByteWriter message = message(new byte[0]).putInt(bodyBytes).putBytes(compressed);
        message.patchByte(MessageLayout.VERSION, MessageLayout.COMPRESSED_VERSION);
        message.patchByte(MessageLayout.FLAGS, compression.flag());
        message.patchInt(MessageLayout.BODY_SIZE, Integer.BYTES + compressed.length);
        return message.toByteArray();
    }

    @ParameterizedTest
    @EnumSource
    void aSizeThatIsALieIsRefusedBeforeAnythingIsAllocated(Compression compression) throws Exception {
        byte[] message = compressed(compression, compressible(5000));
        int sizeAt = MessageLayout.bodyAt(ByteBuffer.wrap(message), 0);
        decompress(message); // the library is loaded
        int[] tooLarge = {MAX_BYTES + 1, Integer.MAX_VALUE};
        int[] lies = {0, -1, Integer.MIN_VALUE, MAX_BYTES};
        for (int size : tooLarge) {
            byte[] lying = ByteBuffer.wrap(message.clone()).putInt(sizeAt, size).array();
            allocatesLittle(() -> assertThatThrownBy(() -> decompress(lying))
                    .isInstanceOf(ResourceAllocationException.class)
                    .hasMessageContainingAll("" + size, "limits.maxMessage")
                    .extracting(e -> ((JMSException) e).getErrorCode())
                    .isEqualTo("LARCH-109-MESSAGE_TOO_LARGE"));
        }
        for (int size : lies) {
            byte[] lying = ByteBuffer.wrap(message.clone()).putInt(sizeAt, size).array();
            allocatesLittle(() -> assertDamaged(lying));
        }
        for (int size : new int[] {1, 4999, 5001}) {
            assertDamaged(ByteBuffer.wrap(message.clone()).putInt(sizeAt, size).array());
        }
    }

    private static void allocatesLittle(Runnable reading) {
        reading.run(); // whatever is loaded the first time
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        reading.run();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MAX_BYTES / 2);
    }

    private static void assertDamaged(byte[] message) {
        assertThatThrownBy(() -> decompress(message))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("damaged")
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo("LARCH-110-MESSAGE_FORMAT");
    }

    @ParameterizedTest
    @EnumSource
    void everyTruncationIsRefused(Compression compression) throws Exception {
        byte[] message = compressed(compression, compressible(600));
        int bodyAt = MessageLayout.bodyAt(ByteBuffer.wrap(message), 0);
        for (int size = bodyAt + Integer.BYTES + 1; size < message.length; size++) {
            byte[] cut = Arrays.copyOf(message, size);
            assertDamaged(ByteBuffer.wrap(cut)
                    .putInt(MessageLayout.BODY_SIZE, size - bodyAt)
                    .array());
        }
        byte[] longer = Arrays.copyOf(message, message.length + 1);
        assertDamaged(ByteBuffer.wrap(longer)
                .putInt(MessageLayout.BODY_SIZE, longer.length - bodyAt)
                .array());
    }

    @ParameterizedTest
    @EnumSource
    void anyDamageIsRefusedOrGivesABodyOfTheSizeThatWasSaid(Compression compression) throws Exception {
        System.out.println("CompressedBodyTest seed=" + seed);
        byte[] body = compressible(3000);
        byte[] message = compressed(compression, body);
        int bodyAt = MessageLayout.bodyAt(ByteBuffer.wrap(message), 0);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = message.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                damaged[bodyAt + random.nextInt(message.length - bodyAt)] = (byte) random.nextInt();
            }
            readOrRefuse(damaged);
        }
        for (int i = 0; i < 20_000; i++) {
            byte[] chance = new byte[1 + random.nextInt(60)];
            random.nextBytes(chance);
            readOrRefuse(lying(compression, random.nextInt(3000), chance));
        }
    }

    private void readOrRefuse(byte[] message) {
        int said = ByteBuffer.wrap(message).getInt(MessageLayout.bodyAt(ByteBuffer.wrap(message), 0));
        try {
            assertThat(decompress(message)).hasSize(said);
        } catch (JMSException refused) {
            assertThat(refused.getErrorCode())
                    .as("seed=" + seed)
                    .isIn("LARCH-110-MESSAGE_FORMAT", "LARCH-109-MESSAGE_TOO_LARGE");
        }
    }

    /** What is compressed well may become large, but never more than a message may have. */
    @ParameterizedTest
    @EnumSource
    void aBombIsBoundedByTheLargestMessage(Compression compression) throws Exception {
        byte[] bomb = compressed(compression, new byte[50 << 20]);
        assertThat(bomb).hasSizeLessThan(300_000);
        assertThatThrownBy(() -> decompress(bomb)).isInstanceOf(ResourceAllocationException.class);
        int sizeAt = MessageLayout.bodyAt(ByteBuffer.wrap(bomb), 0);
        assertDamaged(ByteBuffer.wrap(bomb).putInt(sizeAt, MAX_BYTES).array());
    }
}
