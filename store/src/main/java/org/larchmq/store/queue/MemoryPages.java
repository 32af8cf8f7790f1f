package org.larchmq.store.queue;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Pages of one queue that never touches the disk. */
final class MemoryPages implements Pages {
    private final Map<Integer, ByteBuffer> pages = new HashMap<>();
    private int nextId;

    @Override
    public int store(long queueId, long firstQueueOffset, byte[] rows) {
        pages.put(nextId, ByteBuffer.wrap(rows.clone()));
        return nextId++;
    }

    @Override
    public void read(long queueId, int pageId, long firstQueueOffset, int rowIndex, Row row) {
        RowBytes.read(pages.get(pageId), rowIndex * PageFormat.ROW_BYTES, row);
    }

    @Override
    public int update(long queueId, int pageId, long firstQueueOffset, int rowIndex, long newPhysicalOffset) {
        pages.get(pageId).putLong(rowIndex * PageFormat.ROW_BYTES + PageFormat.PHYSICAL_OFFSET, newPhysicalOffset);
        return pageId;
    }

    @Override
    public long minPhysicalOffset(long queueId, int pageId, long firstQueueOffset, int fromRowIndex) {
        ByteBuffer rows = pages.get(pageId);
        return RowBytes.minPhysicalOffset(rows, fromRowIndex, PageFormat.ROWS_PER_PAGE);
    }

    @Override
    public void free(int pageId) {
        pages.remove(pageId);
    }
}
