package org.larchmq.store.queue;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.larchmq.store.io.StoreException;

/**
 * Pages in the shared page files, through the page cache. Rows are derived from entries that are in the log already, so
 * want of room is no failure here: such pages wait in memory, see {@link WaitingPages}.
 */
final class DiskPages implements Pages {
    private final PageFiles files;
    private final PageAllocator allocator;
    private final PageCache cache;
    private final WaitingPages waiting;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(PageFormat.PAGE_BYTES);
    private PageCache.Frame last;

    DiskPages(PageFiles files, PageAllocator allocator, PageCache cache, WaitingPages waiting) {
        this.files = files;
        this.allocator = allocator;
        this.cache = cache;
        this.waiting = waiting;
    }

    @Override
    public int store(long queueId, long firstQueueOffset, byte[] rows) {
        int pageId = allocator.allocate();
        try {
            PageFormat.encode(scratch, queueId, firstQueueOffset, rows);
            waiting.writeOrKeep(pageId, scratch);
        } catch (RuntimeException e) {
            allocator.free(pageId);
            throw e;
        }
        cache.remove(pageId);
        return pageId;
    }

    @Override
    public void read(long queueId, int pageId, long firstQueueOffset, int rowIndex, Row row) {
        ByteBuffer page = page(queueId, pageId, firstQueueOffset);
        int at = PageFormat.ROWS + rowIndex * PageFormat.ROW_BYTES;
        RowBytes.read(page, at, row);
    }

    @Override
    public int update(long queueId, int pageId, long firstQueueOffset, int rowIndex, long newPhysicalOffset) {
        ByteBuffer page = page(queueId, pageId, firstQueueOffset); // may use scratch
        scratch.clear().put(page.duplicate().clear()).clear();
        scratch.putLong(PageFormat.ROWS + rowIndex * PageFormat.ROW_BYTES, newPhysicalOffset);
        PageFormat.seal(scratch);
        int target = allocator.isYoung(pageId) ? pageId : allocator.allocate();
        waiting.writeOrKeep(target, scratch);
        cache.remove(target);
        if (target != pageId) free(pageId);
        return target;
    }

    @Override
    public long minPhysicalOffset(long queueId, int pageId, long firstQueueOffset, int fromRowIndex) {
        ByteBuffer page = page(queueId, pageId, firstQueueOffset);
        long min = Long.MAX_VALUE;
        for (int i = fromRowIndex; i < PageFormat.ROWS_PER_PAGE; i++) {
            min = Math.min(min, page.getLong(PageFormat.ROWS + i * PageFormat.ROW_BYTES));
        }
        return min;
    }

    @Override
    public void free(int pageId) {
        cache.remove(pageId);
        waiting.remove(pageId);
        allocator.free(pageId);
    }

    /** Reads the page from disk, whatever is cached, and checks it. */
    void verify(long queueId, int pageId, long firstQueueOffset) {
        if (waiting.get(pageId) != null) return;
        if (!files.read(pageId, scratch)) throw files.damaged(pageId, "the page is missing");
        check(scratch, queueId, pageId, firstQueueOffset);
    }

    /** See {@link ConsumeQueueStore#judge}. */
    Optional<StoreException> judge(int pageId) {
        if (waiting.get(pageId) != null) return Optional.empty(); // a write that found no room was cut short
        if (!files.read(pageId, scratch) || PageFormat.isWholeOrEmpty(scratch)) return Optional.empty();
        if (allocator.isUsed(pageId)) return Optional.of(files.damaged(pageId, "page " + pageId));
        StoreException found = files.damaged(
                pageId,
                "page " + pageId
                        + " is not in use, so nothing is lost; it is cleared (a write that a crash cut short looks the same)");
        scratch.clear().put(new byte[PageFormat.PAGE_BYTES]);
        try {
            files.write(pageId, scratch);
        } catch (StoreException e) {
            if (!WaitingPages.isWantOfRoom(e)) throw e; // otherwise it is cleared when it is found again
        }
        return Optional.of(found);
    }

    private ByteBuffer page(long queueId, int pageId, long firstQueueOffset) {
        PageCache.Frame frame = last;
        if (frame != null && frame.pageId == pageId) return frame.memory;
        ByteBuffer kept = waiting.get(pageId);
        if (kept != null) return kept;
        frame = cache.get(pageId);
        if (frame == null) {
            verify(queueId, pageId, firstQueueOffset);
            frame = cache.add(pageId);
            frame.memory.clear().put(scratch.clear()).clear();
        }
        last = frame;
        return frame.memory;
    }

    private void check(ByteBuffer page, long queueId, int pageId, long firstQueueOffset) {
        if (PageFormat.isValid(page, queueId, firstQueueOffset)) return;
        throw files.damaged(pageId, "not the page of queue " + queueId + " from queueOffset " + firstQueueOffset);
    }
}
