package org.larchmq.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.larchmq.wire.FrameType;

/**
 * Outgoing bytes of one connection, collected in one pooled direct buffer until they are taken. Big-endian. One thread.
 */
final class FrameBuffer {
    private static final int SMALLEST = 1024;

    private final ByteBufAllocator allocator;
    private ByteBuf buffer;
    private ByteBuffer memory;
    private int size;

    FrameBuffer(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    int size() {
        return size;
    }

    /** What the collected bytes take outside of the heap, which is more than they are. */
    int memoryBytes() {
        return memory == null ? 0 : memory.capacity();
    }

    int beginFrame(FrameType type) {
        int mark = size;
        putInt(0);
        putByte(type.code());
        return mark;
    }

    void endFrame(int mark) {
        memory.putInt(mark, size - mark - 4);
    }

    void patchInt(int at, int value) {
        memory.putInt(at, value);
    }

    void patchByte(int at, int value) {
        memory.put(at, (byte) value);
    }

    void putByte(int value) {
        room(1);
        memory.put(size, (byte) value);
        size += 1;
    }

    void putShort(int value) {
        room(2);
        memory.putShort(size, (short) value);
        size += 2;
    }

    void putInt(int value) {
        room(4);
        memory.putInt(size, value);
        size += 4;
    }

    void putLong(long value) {
        room(8);
        memory.putLong(size, value);
        size += 8;
    }

    void putString(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        putInt(bytes.length);
        put(bytes);
    }

    /** At most 65,535 encoded bytes. */
    void putShortString(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        putShort(bytes.length);
        put(bytes);
    }

    void put(ByteBuffer source, int at, int length) {
        room(length);
        memory.put(size, source, at, length);
        size += length;
    }

    private void put(byte[] bytes) {
        room(bytes.length);
        memory.put(size, bytes);
        size += bytes.length;
    }

    /** The collected bytes, owned by the caller from now on. */
    ByteBuf take() {
        ByteBuf taken = buffer.writerIndex(size);
        buffer = null;
        memory = null;
        size = 0;
        return taken;
    }

    void release() {
        if (buffer != null) buffer.release();
        buffer = null;
        memory = null;
        size = 0;
    }

    private void room(int more) {
        if (buffer == null) {
            use(allocator.directBuffer(Math.max(SMALLEST, more)));
        } else if (size + more > memory.capacity()) {
            ByteBuf larger = allocator.directBuffer(Math.max(memory.capacity() * 2, size + more));
            larger.setBytes(0, buffer, 0, size);
            buffer.release();
            use(larger);
        }
    }

    private void use(ByteBuf chosen) {
        buffer = chosen;
        memory = chosen.nioBuffer(0, chosen.capacity());
    }
}
