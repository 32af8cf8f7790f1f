package org.larchmq.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ProtocolException;

/**
 * Any bytes as type and body of a frame: read to the end, or a {@link ProtocolException}. What is read as a record is
 * written and read again and must not change. To fuzz: {@code JAZZER_FUZZ=1 mvn -o -B -pl wire surefire:test
 * -Dtest=FrameDecoderFuzzTest}.
 */
class FrameDecoderFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void anyBytesAreAFrameOrRefused(byte[] frame) {
        try {
            FrameWalk.frame(ByteBuffer.wrap(frame));
        } catch (ProtocolException refused) {
            return;
        }
        rewrite(FrameType.of(frame[0]), new ByteReader(ByteBuffer.wrap(frame, 1, frame.length - 1)));
    }

    private static void rewrite(FrameType type, ByteReader in) {
        ByteWriter out = new ByteWriter(64);
        switch (type) {
            case HELLO -> {
                var frame = Frames.Hello.decode(in);
                frame.encode(out);
                same(frame, Frames.Hello.decode(body(out)));
            }
            case CREATE_CONSUMER -> {
                var frame = Frames.CreateConsumer.decode(in);
                frame.encode(out);
                same(frame, Frames.CreateConsumer.decode(body(out)));
            }
            case CLOSE_CONSUMER -> {
                var frame = Frames.CloseConsumer.decode(in);
                frame.encode(out);
                same(frame, Frames.CloseConsumer.decode(body(out)));
            }
            case OPEN_DESTINATION -> {
                var frame = Frames.OpenDestination.decode(in);
                frame.encode(out);
                same(frame, Frames.OpenDestination.decode(body(out)));
            }
            case WELCOME -> {
                var frame = Frames.Welcome.decode(in);
                frame.encode(out);
                same(frame, Frames.Welcome.decode(body(out)));
            }
            case REPLY -> {
                var frame = Frames.Reply.decode(in);
                frame.encode(out);
                same(frame, Frames.Reply.decode(body(out)));
            }
            default -> {} // no record
        }
    }

    private static ByteReader body(ByteWriter out) {
        return new ByteReader().reset(out.toByteBuffer(), FrameType.HEADER_BYTES, out.size());
    }

    private static void same(Object first, Object second) {
        if (!first.equals(second)) throw new AssertionError(first + " became " + second);
    }
}
