package org.larchmq.store.queue;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/**
 * The rows of one queue, numbered by queueOffset. Full pages are stored, the last rows are in memory and in the
 * snapshot. Rows that nobody needs are given up from the beginning ({@link #releaseBefore}) and, page by page, between
 * others ({@link #forgetUnneeded}), so that one row that is needed for long does not keep all behind it. Shard thread
 * only.
 *
 * <p>Rows are derived from the log, so a change must not fail once its entry is there: {@link #append}, {@link #update},
 * {@link #releaseBefore}, {@link #forgetUnneeded} and {@link #delete} never throw for a full disk. A page that finds no room waits in memory, is
 * read and changed there, and is written when there is room; until then no checkpoint is completed. What they may throw is
 * a failing disk (IO_ERROR, DAMAGED_QUEUE_FILE from update): the owner must then stop without confirming anything more.
 *
 * <p>Snapshot, big-endian: version 4 (2), queueId 8, startOffset 8, queueOffset of the first tail row 8, pageCount 4,
 * tailRows 4; per page: pageId 4, queueOffset of its first row 8, smallest physicalOffset that is needed 8; per tail row:
 * the 20 bytes of {@link PageFormat}.
 */
public final class ConsumeQueue {
    private static final int ROWS = PageFormat.ROWS_PER_PAGE;
    private static final int SNAPSHOT_VERSION = 2, SNAPSHOT_HEADER_BYTES = 36, SNAPSHOT_PAGE_BYTES = 20;
    private static final int PAGES_FORGOTTEN_AT_ONCE = 64;
    /** Where a row stands that nobody needs any more. */
    private static final long NOWHERE = Long.MAX_VALUE;

    private static final int FIRST_TAIL_ROWS = 4;

    private final long queueId;
    private final Pages pages;
    private long startOffset;
    private int[] pageIds = {};
    private long[]
            pageOffsets = {}; // queueOffset of the first row of each page, rising; rows between pages are forgotten
    private long[] pageMinima = {}; // no row of the page that is needed stands before
    private long tailOffset; // queueOffset of the first row of the tail
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
        return tailOffset + tailRows;
    }

    /** Adds a row and returns its queueOffset. @throws org.larchmq.store.io.StoreException IO_ERROR, row not added */
    public long append(long physicalOffset, int sizeBytes, int tagHash, int flags) {
        if (tailRows == ROWS) storeTail();
        if ((tailRows + 1) * PageFormat.ROW_BYTES > tail.capacity()) growTail();
        RowBytes.write(tail, tailRows * PageFormat.ROW_BYTES, physicalOffset, sizeBytes, tagHash, flags);
        return tailOffset + tailRows++;
    }

    /** Reads a row. @throws org.larchmq.store.io.StoreException DAMAGED_QUEUE_FILE */
    public void read(long queueOffset, Row row) {
        if (queueOffset >= tailOffset && queueOffset >= startOffset && queueOffset < endOffset()) {
            RowBytes.read(tail, (int) (queueOffset - tailOffset) * PageFormat.ROW_BYTES, row);
            return;
        }
        int page = queueOffset < startOffset ? -1 : pageIndex(queueOffset);
        if (page < 0) throw noRow(queueOffset);
        pages.read(queueId, pageIds[page], pageOffsets[page], (int) (queueOffset - pageOffsets[page]), row);
    }

    /**
     * Says that a message now stands elsewhere in the log.
     *
     * @throws org.larchmq.store.io.StoreException IO_ERROR, DAMAGED_QUEUE_FILE
     */
    public void update(long queueOffset, long newPhysicalOffset) {
        check(queueOffset);
        if (queueOffset >= tailOffset) {
            int at = (int) (queueOffset - tailOffset) * PageFormat.ROW_BYTES;
            tail.putLong(at + PageFormat.PHYSICAL_OFFSET, newPhysicalOffset);
            return;
        }
        int page = pageIndex(queueOffset);
        int row = (int) (queueOffset - pageOffsets[page]);
        pageIds[page] = pages.update(queueId, pageIds[page], pageOffsets[page], row, newPhysicalOffset);
        long ofAll = pages.minPhysicalOffset(queueId, pageIds[page], pageOffsets[page], 0);
        pageMinima[page] = Math.min(newPhysicalOffset, Math.max(pageMinima[page], ofAll));
    }

    /** Smallest physicalOffset of the rows from a queueOffset on that may be needed, Long.MAX_VALUE when there is none. */
    public long minPhysicalOffsetFrom(long queueOffset) {
        long from = Math.max(queueOffset, startOffset);
        long min = NOWHERE;
        for (int page = pageAtOrAfter(from); page < pageCount; page++) {
            long ofPage = pageMinima[page];
            int firstRow = (int) Math.max(0, from - pageOffsets[page]);
            if (firstRow > 0) {
                long ofRest = pages.minPhysicalOffset(queueId, pageIds[page], pageOffsets[page], firstRow);
                ofPage = Math.max(ofPage, ofRest);
            }
            min = Math.min(min, ofPage);
        }
        int firstTailRow = (int) Math.min(tailRows, Math.max(0, from - tailOffset));
        return Math.min(min, RowBytes.minPhysicalOffset(tail, firstTailRow, tailRows));
    }

    /**
     * The first queueOffset from one on whose message stands before a place in the log, its row read; -1 when there is
     * none. Rows that nobody needs may be among those.
     */
    public long firstBefore(long physicalOffset, long queueOffset, Row row) {
        long from = Math.max(queueOffset, startOffset);
        for (int page = pageAtOrAfter(from); page < pageCount; page++) {
            if (pageMinima[page] >= physicalOffset) continue;
            long pageEnd = pageOffsets[page] + ROWS;
            for (from = Math.max(from, pageOffsets[page]); from < pageEnd; from++) {
                read(from, row);
                if (row.physicalOffset() < physicalOffset) return from;
            }
        }
        for (from = Math.max(from, tailOffset); from < endOffset(); from++) {
            read(from, row);
            if (row.physicalOffset() < physicalOffset) return from;
        }
        return -1;
    }

    /** Whether there is a row at a queueOffset: it was appended, and not given up. */
    public boolean hasRow(long queueOffset) {
        if (queueOffset < startOffset || queueOffset >= endOffset()) return false;
        return queueOffset >= tailOffset || pageIndex(queueOffset) >= 0;
    }

    /** Leaves places without a message, so that the next row gets a queueOffset. Does nothing for one before the end. */
    public void skipTo(long queueOffset) {
        while (endOffset() < queueOffset && tailRows > 0 && tailRows < ROWS) append(NOWHERE, 0, 0, 0);
        if (endOffset() >= queueOffset) return;
        if (tailRows == ROWS) storeTail();
        tailOffset = queueOffset;
    }

    /**
     * Gives up rows that nobody needs: those of pages with rows before a place in the log, and those of the last, unfinished
     * page. A page that holds no others is freed; single ones do not count for {@link #minPhysicalOffsetFrom} any more. Looks at some pages; to be called again until it returns -1.
     *
     * @param queueOffset where to begin
     * @param nextNeeded  gives the first queueOffset at or above one whose row is needed. What is not needed must never be
     *                    needed again
     * @return where to go on, -1 when the end was reached
     * @throws org.larchmq.store.io.StoreException IO_ERROR, DAMAGED_QUEUE_FILE
     */
    public long forgetUnneeded(long physicalOffset, long queueOffset, LongUnaryOperator nextNeeded) {
        int first = pageAtOrAfter(Math.max(queueOffset, startOffset));
        int page = first;
        int looked = 0;
        for (; page < pageCount && looked < PAGES_FORGOTTEN_AT_ONCE; page++) {
            if (pageMinima[page] >= physicalOffset) continue;
            looked++;
            pageMinima[page] = minOfNeeded(page, nextNeeded);
        }
        if (page == pageCount) forgetUnneededOfTail(nextNeeded);
        long next = page == pageCount ? -1 : pageOffsets[page];
        dropPagesNobodyNeeds(first, page);
        return next;
    }

    private long minOfNeeded(int page, LongUnaryOperator nextNeeded) {
        long end = pageOffsets[page] + ROWS;
        long min = NOWHERE;
        Row row = new Row();
        long at = nextNeeded.applyAsLong(Math.max(startOffset, pageOffsets[page]));
        for (; at < end; at = nextNeeded.applyAsLong(at + 1)) {
            read(at, row);
            min = Math.min(min, row.physicalOffset());
        }
        return min;
    }

    private void forgetUnneededOfTail(LongUnaryOperator nextNeeded) {
        long end = endOffset();
        long needed = nextNeeded.applyAsLong(Math.max(startOffset, tailOffset));
        if (needed >= end) {
            tailOffset = end;
            tailRows = 0;
            return;
        }
        for (long at = tailOffset; at < end; at++) {
            if (at == needed) needed = nextNeeded.applyAsLong(at + 1);
            else tail.putLong((int) (at - tailOffset) * PageFormat.ROW_BYTES + PageFormat.PHYSICAL_OFFSET, NOWHERE);
        }
    }

    private void dropPagesNobodyNeeds(int first, int end) {
        int kept = first;
        for (int page = first; page < pageCount; page++) {
            if (page < end && pageMinima[page] == NOWHERE) {
                pages.free(pageIds[page]);
                continue;
            }
            pageIds[kept] = pageIds[page];
            pageOffsets[kept] = pageOffsets[page];
            pageMinima[kept++] = pageMinima[page];
        }
        pageCount = kept;
    }

    /** Forgets the rows below a queueOffset and frees their pages. */
    public void releaseBefore(long queueOffset) {
        startOffset = Math.max(startOffset, Math.min(queueOffset, endOffset()));
        int released = 0;
        while (released < pageCount && pageOffsets[released] + ROWS <= startOffset) pages.free(pageIds[released++]);
        if (released > 0) dropFirstPages(released);
        if (startOffset == endOffset()) emptyTail();
    }

    /** Lets the numbering of an empty queue go on at a queueOffset. */
    public void startAt(long queueOffset) {
        if (endOffset() != startOffset) throw new IllegalStateException("queue " + queueId + " is not empty");
        if (queueOffset < 0) throw new IllegalArgumentException("queueOffset must not be negative: " + queueOffset);
        releaseBefore(endOffset());
        startOffset = tailOffset = queueOffset;
    }

    /** Everything but the full pages, for a checkpoint; see {@link ConsumeQueueStore#restore}. */
    public byte[] snapshot() {
        int bytes = SNAPSHOT_HEADER_BYTES + pageCount * SNAPSHOT_PAGE_BYTES + tailRows * PageFormat.ROW_BYTES;
        ByteBuffer out = ByteBuffer.allocate(bytes);
        out.putInt(SNAPSHOT_VERSION).putLong(queueId).putLong(startOffset).putLong(tailOffset);
        out.putInt(pageCount).putInt(tailRows);
        for (int i = 0; i < pageCount; i++) {
            out.putInt(pageIds[i]).putLong(pageOffsets[i]).putLong(pageMinima[i]);
        }
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
            tailOffset = in.getLong();
            pageCount = in.getInt();
            tailRows = in.getInt();
            long expected = (long) pageCount * SNAPSHOT_PAGE_BYTES + (long) tailRows * PageFormat.ROW_BYTES;
            boolean fits = pageCount >= 0 && tailRows >= 0 && tailRows <= ROWS && in.remaining() == expected;
            if (!fits) throw new IllegalArgumentException("snapshot of the wrong length: " + snapshot.length);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("snapshot is too short: " + snapshot.length, e);
        }
        pageIds = new int[pageCount];
        pageOffsets = new long[pageCount];
        pageMinima = new long[pageCount];
        long end = 0;
        for (int i = 0; i < pageCount; i++) {
            pageIds[i] = in.getInt();
            pageOffsets[i] = in.getLong();
            pageMinima[i] = in.getLong();
            if (pageOffsets[i] < end) throw new IllegalArgumentException("pages out of order");
            end = pageOffsets[i] + ROWS;
        }
        if (startOffset < 0 || tailOffset < end) throw new IllegalArgumentException("rows out of order");
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
        return pageOffsets[index];
    }

    /** The page with the row of a queueOffset, negative when there is none. */
    private int pageIndex(long queueOffset) {
        int page = pageAtOrAfter(queueOffset);
        return page < pageCount && pageOffsets[page] <= queueOffset ? page : -1;
    }

    /** The first page with the row of a queueOffset or of one behind it, pageCount when there is none. */
    private int pageAtOrAfter(long queueOffset) {
        if (pageCount == 0 || queueOffset >= tailOffset) return pageCount;
        long first = pageOffsets[0];
        if (queueOffset < first) return 0;
        if (tailOffset - first == (long) pageCount * ROWS) return (int) ((queueOffset - first) / ROWS);
        int found = Arrays.binarySearch(pageOffsets, 0, pageCount, queueOffset);
        if (found >= 0) return found;
        int before = -found - 2;
        return queueOffset < pageOffsets[before] + ROWS ? before : before + 1;
    }

    private void storeTail() {
        int pageId = pages.store(queueId, tailOffset, tail.array());
        if (pageCount == pageIds.length) {
            int longer = Math.max(4, pageCount + (pageCount >> 1));
            pageIds = Arrays.copyOf(pageIds, longer);
            pageOffsets = Arrays.copyOf(pageOffsets, longer);
            pageMinima = Arrays.copyOf(pageMinima, longer);
        }
        pageIds[pageCount] = pageId;
        pageOffsets[pageCount] = tailOffset;
        pageMinima[pageCount] = RowBytes.minPhysicalOffset(tail, 0, ROWS);
        pageCount++;
        tailOffset += ROWS;
        tailRows = 0;
    }

    private void growTail() {
        int rows = Math.min(ROWS, 2 * Math.max(FIRST_TAIL_ROWS, tailRows));
        tail = ByteBuffer.wrap(Arrays.copyOf(tail.array(), rows * PageFormat.ROW_BYTES));
    }

    /** Gives the memory of a drained tail back. */
    private void emptyTail() {
        for (int i = 0; i < pageCount; i++) pages.free(pageIds[i]);
        tailOffset = startOffset;
        pageCount = 0;
        tailRows = 0;
        if (tail.capacity() > FIRST_TAIL_ROWS * PageFormat.ROW_BYTES) {
            tail = ByteBuffer.allocate(FIRST_TAIL_ROWS * PageFormat.ROW_BYTES);
        }
    }

    private void dropFirstPages(int count) {
        pageCount -= count;
        System.arraycopy(pageIds, count, pageIds, 0, pageCount);
        System.arraycopy(pageOffsets, count, pageOffsets, 0, pageCount);
        System.arraycopy(pageMinima, count, pageMinima, 0, pageCount);
    }

    private void check(long queueOffset) {
        if (!hasRow(queueOffset)) throw noRow(queueOffset);
    }

    private IllegalArgumentException noRow(long queueOffset) {
        return new IllegalArgumentException("queue %d has no row of queueOffset %d; it goes from %d to %d"
                .formatted(queueId, queueOffset, startOffset, endOffset()));
    }
}
