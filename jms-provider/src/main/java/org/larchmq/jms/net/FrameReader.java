package org.larchmq.jms.net;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.FrameType;

/**
 * Cuts the incoming bytes into frames. Small frames are read in bulk into one buffer; a large one goes into an array of
 * its own. No frame above the limit is taken, and nothing is allocated for it.
 */
final class FrameReader {
    private static final int BUFFER_BYTES = 128 * 1024;
    private static final int OWN_ARRAY_BYTES = 32 * 1024;
    private static final int LENGTH_BYTES = 4;

    private final InputStream in;
    private final byte[] bytes = new byte[BUFFER_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
    private final ByteReader body = new ByteReader();
    private int from;
    private int to;
    private int maxFrameBytes;
    private boolean bodyIsOwn;
    private volatile long reads;

    FrameReader(InputStream in, int maxFrameBytes) {
        this.in = in;
        this.maxFrameBytes = maxFrameBytes;
    }

    void setMaxFrameBytes(int bytes) {
        maxFrameBytes = bytes;
    }

    /** Changes whenever something has arrived. */
    long reads() {
        return reads;
    }

    /** Waits for the next frame; its {@link #body} is valid until the next call. */
    FrameType next() throws IOException {
        fill(LENGTH_BYTES);
        int length = buffer.getInt(from);
        if (length < 1 || length > maxFrameBytes) {
            throw new ProtocolException(
                    ErrorCode.PROTOCOL, "a frame of " + length + " bytes where at most " + maxFrameBytes + " can be");
        }
        from += LENGTH_BYTES;
        return length > OWN_ARRAY_BYTES ? large(length) : small(length);
    }

    private FrameType small(int length) throws IOException {
        fill(length);
        FrameType type = FrameType.of(buffer.get(from));
        body.reset(buffer, from + 1, from + length);
        bodyIsOwn = false;
        from += length;
        return type;
    }

    private FrameType large(int length) throws IOException {
        byte[] own = new byte[length];
        int there = Math.min(to - from, length);
        System.arraycopy(bytes, from, own, 0, there);
        from += there;
        while (there < length) there += read(own, there, length - there);
        body.reset(ByteBuffer.wrap(own), 1, length);
        bodyIsOwn = true;
        return FrameType.of(own[0]);
    }

    ByteReader body() {
        return body;
    }

    /** The body in an array that is not used again. */
    ByteReader detachedBody() {
        if (bodyIsOwn)
            return new ByteReader().reset(body.buffer(), body.position(), body.position() + body.remaining());
        int at = body.position();
        return new ByteReader(ByteBuffer.wrap(Arrays.copyOfRange(bytes, at, at + body.remaining())));
    }

    /** What has arrived since the beginning; for errors about the first frame. */
    byte[] received() {
        return Arrays.copyOf(bytes, to);
    }

    /** Makes sure that so many bytes are in the buffer. */
    private void fill(int needed) throws IOException {
        if (to - from >= needed) return;
        if (from == to) {
            from = 0;
            to = 0;
        } else if (from + needed > bytes.length) {
            System.arraycopy(bytes, from, bytes, 0, to - from);
            to -= from;
            from = 0;
        }
        while (to - from < needed) to += read(bytes, to, bytes.length - to);
    }

    private int read(byte[] target, int offset, int length) throws IOException {
        int count = in.read(target, offset, length);
        if (count < 0) throw new EOFException("the broker has closed the connection");
        reads = reads + 1;
        return count;
    }
}
