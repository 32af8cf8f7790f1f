package org.larchmq.bench.hostile;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Builds one frame of the protocol byte by byte (docs/formats/wire.md), also one that is wrong. Grows as needed; not thread
 * safe.
 */
final class FrameBytes {
    private ByteBuffer bytes = ByteBuffer.allocate(256);

    /** Begins a frame of a type; its length is filled in by {@link #end}. */
    FrameBytes(int type) {
        bytes.putInt(0).put((byte) type);
    }

    private ByteBuffer room(int more) {
        if (bytes.remaining() < more) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(bytes.capacity() * 2, bytes.position() + more));
            larger.put(bytes.flip());
            bytes = larger;
        }
        return bytes;
    }

    FrameBytes u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    FrameBytes u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    FrameBytes i32(int value) {
        room(4).putInt(value);
        return this;
    }

    FrameBytes i64(long value) {
        room(8).putLong(value);
        return this;
    }

    FrameBytes raw(byte[] value) {
        room(value.length).put(value);
        return this;
    }

    FrameBytes name(String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return u16(text.length).raw(text);
    }

    FrameBytes string(String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        return i32(text.length).raw(text);
    }

    /** Returns the whole frame. */
    byte[] end() {
        byte[] frame = new byte[bytes.position()];
        bytes.get(0, frame);
        ByteBuffer.wrap(frame).putInt(0, frame.length - 4);
        return frame;
    }
}
