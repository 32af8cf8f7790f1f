package org.larchmq.store.log;

import java.nio.ByteBuffer;

/**
 * The end of the log in memory: chunks in which entries are built, from which they are written, and where they stay
 * readable until newer ones need the room. Owner thread only.
 */
final class TailMemory {
    private static final int CHUNKS = 8;
    private static final int LARGEST_CHUNK_BYTES = 4 << 20;

    private final int chunkBytes;
    private final Chunk[] chunks = new Chunk[CHUNKS];
    private int count;
    private int firstUnwritten;
    private Chunk retired; // not used again at once: a view of it may still be in use

    TailMemory(int tailMemoryBytes) {
        this.chunkBytes = Math.min(LARGEST_CHUNK_BYTES, Math.max(512, tailMemoryBytes / CHUNKS));
    }

    /** Entries of one segment that follow each other without a gap. */
    static final class Chunk {
        final ByteBuffer memory;
        private final ByteBuffer readView;
        private final ByteBuffer appendView;
        private final ByteBuffer writeView;
        Segment segment;
        long baseOffset;
        int usedBytes;
        private int writtenBytes;

        Chunk(int bytes) {
            memory = ByteBuffer.allocateDirect(bytes);
            readView = memory.duplicate();
            appendView = memory.duplicate();
            writeView = memory.duplicate();
        }

        ByteBuffer appendView(int from, int to) {
            return window(appendView, from, to);
        }

        ByteBuffer readView(int from, int to) {
            return window(readView, from, to);
        }

        private static ByteBuffer window(ByteBuffer view, int from, int to) {
            return view.order(java.nio.ByteOrder.BIG_ENDIAN).limit(to).position(from);
        }

        private void write() {
            if (writtenBytes == usedBytes) return;
            segment.write(writeView.limit(usedBytes).position(writtenBytes), baseOffset + writtenBytes);
            writtenBytes = usedBytes;
        }
    }

    /** The chunk that has room for bytes at an offset, or null when {@link #write} must come first. */
    Chunk chunkFor(Segment segment, long offset, int bytes) {
        if (count > 0) {
            Chunk newest = chunks[count - 1];
            boolean continues = newest.segment == segment && newest.baseOffset + newest.usedBytes == offset;
            if (continues && newest.memory.capacity() - newest.usedBytes >= bytes) return newest;
        }
        return newChunk(segment, offset, bytes);
    }

    /** The chunk that holds an offset, or null when it is not in memory. */
    Chunk find(long offset) {
        for (int i = count - 1; i >= 0; i--) {
            Chunk chunk = chunks[i];
            if (offset >= chunk.baseOffset) return offset < chunk.baseOffset + chunk.usedBytes ? chunk : null;
        }
        return null;
    }

    /** Hands everything to the operating system, one write per chunk. */
    void write() {
        while (firstUnwritten < count) {
            chunks[firstUnwritten].write();
            if (firstUnwritten == count - 1) return; // may take more
            firstUnwritten++;
        }
    }

    private Chunk newChunk(Segment segment, long offset, int bytes) {
        Chunk chunk;
        if (count < CHUNKS) {
            chunk = new Chunk(Math.max(chunkBytes, bytes));
        } else {
            Chunk oldest = chunks[0];
            if (oldest.writtenBytes < oldest.usedBytes) return null;
            System.arraycopy(chunks, 1, chunks, 0, --count);
            firstUnwritten = Math.max(0, firstUnwritten - 1);
            Chunk reusable = retired;
            retired = oldest.memory.capacity() == chunkBytes ? oldest : null;
            chunk = reusable != null && bytes <= chunkBytes ? reusable : new Chunk(Math.max(chunkBytes, bytes));
        }
        chunk.segment = segment;
        chunk.baseOffset = offset;
        chunk.usedBytes = 0;
        chunk.writtenBytes = 0;
        chunks[count++] = chunk;
        return chunk;
    }
}
