package org.larchmq.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Bounded big-endian reader. Every read is checked against the limit before anything is allocated; a short input is a
 * {@link ProtocolException}. Not thread safe.
 */
public final class ByteReader {
    private ByteBuffer buffer;
    private int position;
    private int limit;

    public ByteReader() {}

    public ByteReader(ByteBuffer buffer) {
        reset(buffer, buffer.position(), buffer.limit());
    }

    /** Reads {@code buffer[position, limit)}; the buffer's own position is neither used nor moved. Big-endian. */
    public ByteReader reset(ByteBuffer source, int from, int to) {
        if (from < 0 || to > source.limit() || from > to) {
            throw new IllegalArgumentException("range " + from + ".." + to + " of " + source.limit());
        }
        buffer = source;
        position = from;
        limit = to;
        return this;
    }

    public ByteBuffer buffer() {
        return buffer;
    }

    public int position() {
        return position;
    }

    public int remaining() {
        return limit - position;
    }

    public int getByte() {
        return buffer.get(take(1));
    }

    public int getUnsignedByte() {
        return buffer.get(take(1)) & 0xFF;
    }

    public int getUnsignedShort() {
        return buffer.getShort(take(2)) & 0xFFFF;
    }

    public short getShort() {
        return buffer.getShort(take(2));
    }

    public int getInt() {
        return buffer.getInt(take(4));
    }

    public long getLong() {
        return buffer.getLong(take(8));
    }

    /** A count that is followed by at least {@code bytesEach} bytes for each item. */
    public int getCount(int bytesEach) {
        int count = getInt();
        if (count < 0 || (long) count * bytesEach > remaining()) {
            throw ProtocolException.malformed("a count of " + count + " does not fit in " + remaining() + " bytes");
        }
        return count;
    }

    /** A size in bytes of what follows. */
    public int getSize() {
        return getCount(1);
    }

    /** A name: what is no text of Unicode is replaced, as by the JDK. */
    public String getShortString() {
        int length = getUnsignedShort();
        if (!buffer.hasArray()) return new String(getBytes(length), StandardCharsets.UTF_8);
        int at = take(length);
        return new String(buffer.array(), buffer.arrayOffset() + at, length, StandardCharsets.UTF_8);
    }

    /** Written by {@link ByteWriter#putShortText}. */
    public String getShortText() {
        return utf8(getUnsignedShort());
    }

    public String getString() {
        return utf8(getSize());
    }

    public byte[] getBytes(int length) {
        int at = take(length);
        byte[] copy = new byte[length];
        buffer.get(at, copy);
        return copy;
    }

    public void skip(int length) {
        take(length);
    }

    /** The end must be reached: bytes too many are as wrong as bytes too few. */
    public void end() {
        if (position != limit) throw ProtocolException.malformed(remaining() + " bytes too many");
    }

    public String utf8(int length) {
        int at = take(length);
        if (buffer.hasArray()) {
            return Utf8.decode(buffer.array(), buffer.arrayOffset() + at, length);
        }
        byte[] copy = new byte[length];
        buffer.get(at, copy);
        return Utf8.decode(copy, 0, length);
    }

    private int take(int length) {
        if (length < 0 || length > limit - position) {
            throw ProtocolException.malformed("needs " + length + " bytes, has " + (limit - position));
        }
        int at = position;
        position += length;
        return at;
    }
}
