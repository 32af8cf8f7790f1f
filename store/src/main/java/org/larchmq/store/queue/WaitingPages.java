package org.larchmq.store.queue;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.larchmq.store.io.StoreException;

/**
 * Pages that found no room on the disk: they stay in memory until they can be written, or are freed. No checkpoint is
 * completed while one of them waits. Shard thread, except {@link #checkCheckpoint}.
 *
 * <p>How many: one for each 203 rows at most, and a row follows an entry of the log, which takes more room than the row.
 * The owner of the queues refuses messages while pages wait ({@link ConsumeQueueStore#hasRoom}), so that only what was
 * staged in the log before adds to them.
 */
final class WaitingPages {
    private final PageFiles files;
    private final Map<Integer, ByteBuffer> pages = new TreeMap<>();
    private volatile StoreException missingInCheckpoint;

    WaitingPages(PageFiles files) {
        this.files = files;
    }

    boolean isEmpty() {
        return pages.isEmpty();
    }

    int count() {
        return pages.size();
    }

    /** The page, when it waits; otherwise null. Read-only for callers. */
    ByteBuffer get(int pageId) {
        return pages.isEmpty() ? null : pages.get(pageId);
    }

    /**
     * Writes a page, or keeps it when there is no room.
     *
     * @throws StoreException for every failure that is more than want of room
     */
    void writeOrKeep(int pageId, ByteBuffer page) {
        writeAll();
        try {
            files.write(pageId, page);
            pages.remove(pageId);
        } catch (StoreException e) {
            if (!isWantOfRoom(e)) throw e;
            ByteBuffer kept = pages.computeIfAbsent(pageId, id -> ByteBuffer.allocate(PageFormat.PAGE_BYTES));
            kept.clear().put(page.clear()).clear();
            page.clear();
        }
    }

    void remove(int pageId) {
        pages.remove(pageId);
    }

    void clear() {
        pages.clear();
        missingInCheckpoint = null;
    }

    /** Writes what waits, as far as there is room; returns why there is no more, or null. */
    StoreException writeAll() {
        for (Iterator<Map.Entry<Integer, ByteBuffer>> rest = pages.entrySet().iterator(); rest.hasNext(); ) {
            Map.Entry<Integer, ByteBuffer> next = rest.next();
            try {
                files.write(next.getKey(), next.getValue());
            } catch (StoreException e) {
                if (!isWantOfRoom(e)) throw e;
                return e;
            }
            rest.remove();
        }
        return null;
    }

    /** The snapshots that are taken now may name pages that wait: then their checkpoint must not be completed. */
    void checkpointBegun() {
        missingInCheckpoint = writeAll();
    }

    /** @throws StoreException when a page of the checkpoint begun last could not be written. Any thread. */
    void checkCheckpoint() {
        StoreException missing = missingInCheckpoint;
        if (missing == null) return;
        String detail = "queue pages wait in memory for room, and the checkpoint with them";
        throw new StoreException(missing.error(), missing.file(), missing.offset(), detail, missing);
    }

    /** Whether nothing is lost when the write is tried again later. */
    static boolean isWantOfRoom(StoreException e) {
        return e.error().isPassing();
    }
}
