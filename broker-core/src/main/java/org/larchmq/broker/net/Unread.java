package org.larchmq.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;

/** Bytes of a connection that were read from the network and not handled yet. */
final class Unread {
    private Unread() {}

    /**
     * Joins what was read to what is left of before, which goes to the caller in place of both. What was handled is cut off,
     * so that a stream that never ends where a frame ends takes no more than its largest frame and what is read at once.
     *
     * @param left null for nothing
     */
    static ByteBuf join(ByteBufAllocator allocator, ByteBuf left, ByteBuf read) {
        if (left == null) return read;
        boolean isMostlyHandled = left.readerIndex() >= left.readableBytes(); // otherwise the bytes are moved too often
        if (isMostlyHandled) left.discardReadBytes();
        return ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, left, read);
    }
}
