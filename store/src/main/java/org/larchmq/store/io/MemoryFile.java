package org.larchmq.store.io;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A file of {@link MemoryDisk}: chunks of heap, of which those that hold only zeros do not exist. Safe from any thread. */
final class MemoryFile {
    static final int CHUNK_BYTES = 64 << 10;
    private static final ByteBuffer ZEROS = ByteBuffer.allocate(CHUNK_BYTES).asReadOnlyBuffer();

    /** The name and the open handles; guarded by the disk. */
    int references = 1;

    private final List<byte[]> chunks = new ArrayList<>();
    private long sizeBytes;

    synchronized long size() {
        return sizeBytes;
    }

    /** Cuts, or grows with zeros. */
    synchronized void resize(long newSizeBytes) {
        int count = Math.toIntExact((newSizeBytes + CHUNK_BYTES - 1) / CHUNK_BYTES);
        if (count < chunks.size()) chunks.subList(count, chunks.size()).clear();
        else chunks.addAll(Collections.nCopies(count - chunks.size(), null));
        int inLast = (int) (newSizeBytes % CHUNK_BYTES);
        if (newSizeBytes < sizeBytes && inLast != 0 && chunks.get(count - 1) != null) {
            Arrays.fill(chunks.get(count - 1), inLast, CHUNK_BYTES, (byte) 0);
        }
        sizeBytes = newSizeBytes;
    }

    synchronized int read(ByteBuffer destination, long position) {
        int total = (int) Math.max(0, Math.min(destination.remaining(), sizeBytes - position));
        for (int left = total; left > 0; ) {
            int within = (int) (position % CHUNK_BYTES);
            int bytes = Math.min(left, CHUNK_BYTES - within);
            byte[] chunk = chunks.get((int) (position / CHUNK_BYTES));
            if (chunk == null) destination.put(ZEROS.duplicate().limit(bytes));
            else destination.put(chunk, within, bytes);
            position += bytes;
            left -= bytes;
        }
        return total;
    }

    /** Within the size. */
    synchronized void write(ByteBuffer source, long position) {
        while (source.hasRemaining()) {
            int index = (int) (position / CHUNK_BYTES);
            int within = (int) (position % CHUNK_BYTES);
            int bytes = Math.min(source.remaining(), CHUNK_BYTES - within);
            ByteBuffer part = source.duplicate().limit(source.position() + bytes);
            boolean zeros = part.mismatch(ZEROS.duplicate().limit(bytes)) < 0;
            if (zeros && (bytes == CHUNK_BYTES || chunks.get(index) == null)) {
                chunks.set(index, null);
            } else {
                if (chunks.get(index) == null) chunks.set(index, new byte[CHUNK_BYTES]);
                part.get(chunks.get(index), within, bytes);
            }
            source.position(source.position() + bytes);
            position += bytes;
        }
    }
}
