package org.larchmq.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnreadTest {
    private final ByteBufAllocator allocator = new PooledByteBufAllocator(true);

    /** A sender with much under way: there is always more, and a frame goes on in the next piece. */
    @Test
    void aStreamThatNeverEndsWhereAFrameEndsTakesNoMoreThanAFrameAndAPiece() {
        Random random = new Random(1);
        int largest = 0;
        ByteBuf left = null;
        long number = 0;
        long expected = 0;
        for (int piece = 0; piece < 20_000; piece++) {
            ByteBuf read = allocator.directBuffer(8192);
            for (int i = 0; i < 1024; i++) read.writeLong(number++);
            ByteBuf all = Unread.join(allocator, left, read);
            largest = Math.max(largest, all.capacity());
            int keeps = 8 * (1 + random.nextInt(1500)); // of a frame that is not whole, or because it has to wait
            while (all.readableBytes() > keeps) assertThat(all.readLong()).isEqualTo(expected++);
            left = all;
        }
        left.release();
        assertThat(largest).isLessThan(100_000);
    }
}
