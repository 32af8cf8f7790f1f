package org.larchmq.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.Values;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A 1 KiB text message with five properties, written, checked and read: operations per microsecond on one core.
 * {@code java -cp <test class path> org.openjdk.jmh.Main MessageCodecBenchmark}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MessageCodecBenchmark {
    private static final int MESSAGES_PER_FRAME = 32;
    private static final byte[] LAST_NAME = "property5".getBytes(StandardCharsets.UTF_8);

    private final ByteWriter out = new ByteWriter(2048);
    private final ByteReader reader = new ByteReader();
    private final String text = "x".repeat(1024);
    private ByteBuffer message;
    private int size;
    private ByteBuffer sendBody;

    @Setup
    public void prepare() {
        size = write();
        message = ByteBuffer.allocateDirect(size).put(0, out.toByteArray());
        ByteWriter frame = new ByteWriter(64 << 10).putLong(1).putLong(0).putInt(MESSAGES_PER_FRAME);
        for (int i = 0; i < MESSAGES_PER_FRAME; i++)
            frame.putInt(1).putInt(size).putBytes(out.array(), 0, size);
        sendBody = ByteBuffer.allocateDirect(frame.size()).put(0, frame.toByteArray());
    }

    @Benchmark
    public int write() {
        out.clear();
        out.putByte(MessageLayout.CURRENT_VERSION).putByte(MessageLayout.BODY_TEXT);
        out.putByte(MessageLayout.FLAG_PERSISTENT).putByte(4);
        out.putLong(1_700_000_000_000L)
                .putLong(0)
                .putLong(0)
                .putLong(0xABCDEF)
                .putLong(17)
                .putInt(0);
        out.putInt(1).putInt(0).putInt(0).putByte(0);
        int propertiesAt = out.size();
        out.putShort(5);
        Values.write(out.putShortString("property1"), "a value");
        Values.write(out.putShortString("property2"), 42);
        Values.write(out.putShortString("property3"), true);
        Values.write(out.putShortString("property4"), 1L << 40);
        Values.write(out.putShortString("property5"), 2.5);
        out.patchInt(MessageLayout.PROPERTY_SIZE, out.size() - propertiesAt);
        out.patchInt(MessageLayout.BODY_SIZE, out.putUtf8(text));
        return out.size();
    }

    @Benchmark
    public void check() {
        MessageLayout.check(message, 0, size);
    }

    @Benchmark
    public boolean findTheLastProperty() {
        return Values.findProperty(message, 0, LAST_NAME, reader);
    }

    @Benchmark
    public Object readTheLastProperty() {
        Values.findProperty(message, 0, LAST_NAME, reader);
        return Values.read(reader);
    }

    /** What the broker does with the body of a SEND before it is a command. */
    @Benchmark
    public int walkASendOf32() {
        reader.reset(sendBody, SendFrame.COUNT_AT, sendBody.limit());
        int count = reader.getCount(SendFrame.PER_MESSAGE_BYTES);
        int handles = 0;
        for (int i = 0; i < count; i++) {
            handles += reader.getInt();
            int bytes = reader.getSize();
            MessageLayout.check(sendBody, reader.position(), bytes);
            reader.skip(bytes);
        }
        reader.end();
        return handles;
    }

    @Benchmark
    public String readTheBody() {
        int at = MessageLayout.bodyAt(message, 0);
        return reader.reset(message, at, size).utf8(size - at);
    }
}
