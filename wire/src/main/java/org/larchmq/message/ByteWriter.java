package org.larchmq.message;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Growing big-endian byte buffer that messages, frames and entries are written into. Not thread safe. Reusable: {@link
 * #clear} keeps the memory.
 */
public final class ByteWriter {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int LARGEST = Integer.MAX_VALUE - 16;

    private byte[] bytes;
    private int size;

    public ByteWriter(int initialBytes) {
        bytes = new byte[Math.max(16, initialBytes)];
    }

    /** Bytes written so far. */
    public int size() {
        return size;
    }

    /** The backing array; valid are the first {@link #size()} bytes, until the next write. */
    public byte[] array() {
        return bytes;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    public ByteBuffer toByteBuffer() {
        return ByteBuffer.wrap(bytes, 0, size);
    }

    public void clear() {
        size = 0;
    }

    /** Forgets everything behind {@code newSize}. */
    public void truncate(int newSize) {
        if (newSize < 0 || newSize > size) throw new IllegalArgumentException("size " + newSize + " of " + size);
        size = newSize;
    }

    /** Gives memory back when an unusually large frame went through. */
    public void shrink(int keepBytes) {
        if (bytes.length > keepBytes && size <= keepBytes) bytes = Arrays.copyOf(bytes, keepBytes);
    }

    public ByteWriter putByte(int value) {
        room(1);
        bytes[size++] = (byte) value;
        return this;
    }

    public ByteWriter putShort(int value) {
        room(2);
        SHORT.set(bytes, size, (short) value);
        size += 2;
        return this;
    }

    public ByteWriter putInt(int value) {
        room(4);
        INT.set(bytes, size, value);
        size += 4;
        return this;
    }

    public ByteWriter putLong(long value) {
        room(8);
        LONG.set(bytes, size, value);
        size += 8;
        return this;
    }

    public ByteWriter putBytes(byte[] source, int offset, int length) {
        room(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
        return this;
    }

    public ByteWriter putBytes(byte[] source) {
        return putBytes(source, 0, source.length);
    }

    /**
     * A name: length in 2 bytes, then UTF-8, without unpaired surrogates (they become '?' as in the JDK).
     *
     * @throws IllegalArgumentException above 65,535 encoded bytes
     */
    public ByteWriter putShortString(String value) {
        return putShort(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Like {@link #putShortString(String)}, for a name that applications choose among all strings: it is as exact as {@link #putString}. */
    public ByteWriter putShortText(String value) {
        return putShort(Utf8.encode(value));
    }

    private ByteWriter putShort(byte[] encoded) {
        if (encoded.length > 0xFFFF) {
            throw new IllegalArgumentException("a name of " + encoded.length + " encoded bytes is longer than 65535");
        }
        return putShort(encoded.length).putBytes(encoded);
    }

    /** Length in 4 bytes, then {@link Utf8}. */
    public ByteWriter putString(String value) {
        int at = size;
        putInt(0);
        int length = putUtf8(value);
        INT.set(bytes, at, length);
        return this;
    }

    /** {@link Utf8} without a length. Returns the encoded size. */
    public int putUtf8(String value) {
        byte[] encoded = Utf8.encode(value);
        putBytes(encoded);
        return encoded.length;
    }

    public void patchByte(int at, int value) {
        bytes[at] = (byte) value;
    }

    public void patchInt(int at, int value) {
        INT.set(bytes, at, value);
    }

    public void patchShort(int at, int value) {
        SHORT.set(bytes, at, (short) value);
    }

    public void patchLong(int at, long value) {
        LONG.set(bytes, at, value);
    }

    private void room(int more) {
        if (bytes.length - size >= more) return;
        long wanted = Math.max((long) bytes.length * 2, (long) size + more);
        if ((long) size + more > LARGEST) throw new IllegalArgumentException("more than 2 GiB in one buffer");
        bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, LARGEST));
    }
}
