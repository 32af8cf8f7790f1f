package org.larchmq.store.queue;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The rows of one queue, numbered by queueOffset. Full pages are stored, the last rows are in memory and in the
 * snapshot. Shard thread only.
 *
 * <p>Rows are derived from the log, so a change must not fail once its entry is there: {@link #append}, {@link #update},
 * {@link #releaseBefore} and {@link #delete} never throw for a full disk. A page that finds no room waits in memory, is
 * read and changed there, and is written when there is room; until then no checkpoint is completed. What they may throw is
 * a failing disk (IO_ERROR, DAMAGED_QUEUE_FILE from update): the owner must then stop without confirming anything more.
 *
 * <p>Snapshot, big-endian: version 4 (1), queueId 8, startOffset 8, firstPageOffset 8, pageCount 4, tailRows 4; per
 * page: pageId 4, minPhysicalOffset 8; per tail row: the 20 bytes of {@link PageFormat}.
 */
public final class ConsumeQueue {
    private static final int ROWS = PageFormat.ROWS_PER_PAGE;
    private static final int SNAPSHOT_VERSION = 1, SNAPSHOT_HEADER_BYTES = 36, SNAPSHOT_PAGE_BYTES = 12;
    private static final int FIRST_TAIL_ROWS = 4;

    private final long queueId;
    private final Pages pages;
    private long startOffset;
    private long firstPageOffset; // queueOffset of the first row of the first page, or of the tail when there is none
    private int[] pageIds = {};
    private long[] pageMinima = {};
    private int pageCount;
    private ByteBuffer tail = ByteBuffer.allocate(FIRST_TAIL_ROWS * PageFormat.ROW_BYTES);
    private int tailRows;

    ConsumeQueue(long queueId, Pages pages) {
        this.queueId = queueId;
        this.pages = pages;
    }

    public long queueId() {
        return queueId;
    }

    /** The first queueOffset that is kept. */
    public long startOffset() {
        return startOffset;
    }

    /** The queueOffset that the next row gets. */
    public long endOffset() {
        return tailOffset() + tailRows;
    }

    /** Adds a row and returns its queueOffset. @throws org.larchmq.store.io.StoreException IO_ERROR, row not added */
    public long append(long physicalOffset, int sizeBytes, int tagHash, int flags) {
        if (tailRows == ROWS) storeTail();
        if ((tailRows + 1) * PageFormat.ROW_BYTES > tail.capacity()) growTail();
        RowBytes.write(tail, tailRows * PageFormat.ROW_BYTES, physicalOffset, sizeBytes, tagHash, flags);
        return tailOffset() + tailRows++;
    }

    /** Reads a row. @throws org.larchmq.store.io.StoreException DAMAGED_QUEUE_FILE */
    public void read(long queueOffset, Row row) {
        check(queueOffset);
        if (queueOffset >= tailOffset()) {
            RowBytes.read(tail, (int) (queueOffset - tailOffset()) * PageFormat.ROW_BYTES, row);
            return;
        }
        int page = pageIndex(queueOffset);
        pages.read(queueId, pageIds[page], pageOffset(page), rowIndex(queueOffset), row);
    }

    /**
     * Says that a message now stands elsewhere in the log.
     *
     * @throws org.larchmq.store.io.StoreException IO_ERROR, DAMAGED_QUEUE_FILE
     */
    public void update(long queueOffset, long newPhysicalOffset) {
        check(queueOffset);
        if (queueOffset >= tailOffset()) {
            int at = (int) (queueOffset - tailOffset()) * PageFormat.ROW_BYTES;
            tail.putLong(at + PageFormat.PHYSICAL_OFFSET, newPhysicalOffset);
            return;
        }
        int page = pageIndex(queueOffset);
        int row = rowIndex(queueOffset);
        pageIds[page] = pages.update(queueId, pageIds[page], pageOffset(page), row, newPhysicalOffset);
        pageMinima[page] = pages.minPhysicalOffset(queueId, pageIds[page], pageOffset(page), 0);
    }

    /** Smallest physicalOffset of the rows from a queueOffset on, Long.MAX_VALUE when there is none. */
    public long minPhysicalOffsetFrom(long queueOffset) {
        long from = Math.max(queueOffset, startOffset);
        long min = Long.MAX_VALUE;
        if (from < tailOffset()) {
            int page = pageIndex(from);
            min = pages.minPhysicalOffset(queueId, pageIds[page], pageOffset(page), rowIndex(from));
            for (int i = page + 1; i < pageCount; i++) min = Math.min(min, pageMinima[i]);
        }
        int firstTailRow = (int) Math.min(tailRows, Math.max(0, from - tailOffset()));
        return Math.min(min, RowBytes.minPhysicalOffset(tail, firstTailRow, tailRows));
    }

    /**
     * The first queueOffset from one on whose message stands before a place in the log, its row read; -1 when there is
     * none.
     */
    public long firstBefore(long physicalOffset, long queueOffset, Row row) {
        long from = Math.max(queueOffset, startOffset);
        while (from < tailOffset()) {
            int page = pageIndex(from);
            long pageEnd = pageOffset(page) + ROWS;
            if (pageMinima[page] < physicalOffset) {
                for (; from < pageEnd; from++) {
                    read(from, row);
                    if (row.physicalOffset() < physicalOffset) return from;
                }
            }
            from = pageEnd;
        }
        for (; from < endOffset(); from++) {
            read(from, row);
            if (row.physicalOffset() < physicalOffset) return from;
        }
        return -1;
    }

    /** Forgets the rows below a queueOffset and frees their pages. */
    public void releaseBefore(long queueOffset) {
        startOffset = Math.max(startOffset, Math.min(queueOffset, endOffset()));
        int released = 0;
        while (released < pageCount && pageOffset(released) + ROWS <= startOffset) pages.free(pageIds[released++]);
        if (released > 0) dropFirstPages(released);
        if (startOffset == endOffset()) emptyTail();
    }

    /** Lets the numbering of an empty queue go on at a queueOffset. */
    public void startAt(long queueOffset) {
        if (endOffset() != startOffset) throw new IllegalStateException("queue " + queueId + " is not empty");
        if (queueOffset < 0) throw new IllegalArgumentException("queueOffset must not be negative: " + queueOffset);
        releaseBefore(endOffset());
        startOffset = firstPageOffset = queueOffset;
    }

    /** Everything but the full pages, for a checkpoint; see {@link ConsumeQueueStore#restore}. */
    public byte[] snapshot() {
        int bytes = SNAPSHOT_HEADER_BYTES + pageCount * SNAPSHOT_PAGE_BYTES + tailRows * PageFormat.ROW_BYTES;
        ByteBuffer out = ByteBuffer.allocate(bytes);
        out.putInt(SNAPSHOT_VERSION).putLong(queueId).putLong(startOffset).putLong(firstPageOffset);
        out.putInt(pageCount).putInt(tailRows);
        for (int i = 0; i < pageCount; i++) out.putInt(pageIds[i]).putLong(pageMinima[i]);
        out.put(tail.array(), 0, tailRows * PageFormat.ROW_BYTES);
        return out.array();
    }

    /** Frees every page; the queue is empty afterwards. */
    public void delete() {
        releaseBefore(endOffset());
    }

    /** Takes over a snapshot. @throws IllegalArgumentException when it is not one of this queue */
    void restore(byte[] snapshot) {
        ByteBuffer in = ByteBuffer.wrap(snapshot);
        try {
            if (in.getInt() != SNAPSHOT_VERSION) throw new IllegalArgumentException("unknown snapshot version");
            if (in.getLong() != queueId) throw new IllegalArgumentException("snapshot of another queue");
            startOffset = in.getLong();
            firstPageOffset = in.getLong();
            pageCount = in.getInt();
            tailRows = in.getInt();
            long expected = (long) pageCount * SNAPSHOT_PAGE_BYTES + (long) tailRows * PageFormat.ROW_BYTES;
            boolean fits = pageCount >= 0 && tailRows >= 0 && tailRows <= ROWS && in.remaining() == expected;
            if (!fits) throw new IllegalArgumentException("snapshot of the wrong length: " + snapshot.length);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("snapshot is too short: " + snapshot.length, e);
        }
        pageIds = new int[pageCount];
        pageMinima = new long[pageCount];
        for (int i = 0; i < pageCount; i++) {
            pageIds[i] = in.getInt();
            pageMinima[i] = in.getLong();
        }
        tail = ByteBuffer.allocate(Math.max(FIRST_TAIL_ROWS, tailRows) * PageFormat.ROW_BYTES);
        in.get(tail.array(), 0, tailRows * PageFormat.ROW_BYTES);
    }

    int pageCount() {
        return pageCount;
    }

    int pageId(int index) {
        return pageIds[index];
    }

    long pageOffset(int index) {
        return firstPageOffset + (long) index * ROWS;
    }

    private long tailOffset() {
        return pageOffset(pageCount);
    }

    private int pageIndex(long queueOffset) {
        return (int) ((queueOffset - firstPageOffset) / ROWS);
    }

    private int rowIndex(long queueOffset) {
        return (int) ((queueOffset - firstPageOffset) % ROWS);
    }

    private void storeTail() {
        int pageId = pages.store(queueId, tailOffset(), tail.array());
        if (pageCount == pageIds.length) {
            int longer = Math.max(4, pageCount + (pageCount >> 1));
            pageIds = Arrays.copyOf(pageIds, longer);
            pageMinima = Arrays.copyOf(pageMinima, longer);
        }
        pageIds[pageCount] = pageId;
        pageMinima[pageCount] = RowBytes.minPhysicalOffset(tail, 0, ROWS);
        pageCount++;
        tailRows = 0;
    }

    private void growTail() {
        int rows = Math.min(ROWS, 2 * Math.max(FIRST_TAIL_ROWS, tailRows));
        tail = ByteBuffer.wrap(Arrays.copyOf(tail.array(), rows * PageFormat.ROW_BYTES));
    }

    /** Gives the memory of a drained tail back. */
    private void emptyTail() {
        for (int i = 0; i < pageCount; i++) pages.free(pageIds[i]);
        firstPageOffset = startOffset;
        pageCount = 0;
        tailRows = 0;
        if (tail.capacity() > FIRST_TAIL_ROWS * PageFormat.ROW_BYTES) {
            tail = ByteBuffer.allocate(FIRST_TAIL_ROWS * PageFormat.ROW_BYTES);
        }
    }

    private void dropFirstPages(int count) {
        firstPageOffset += (long) count * ROWS;
        pageCount -= count;
        System.arraycopy(pageIds, count, pageIds, 0, pageCount);
        System.arraycopy(pageMinima, count, pageMinima, 0, pageCount);
    }

    private void check(long queueOffset) {
        if (queueOffset >= startOffset && queueOffset < endOffset()) return;
        throw new IllegalArgumentException("queue %d has no queueOffset %d, only %d to %d"
                .formatted(queueId, queueOffset, startOffset, endOffset()));
    }
}
