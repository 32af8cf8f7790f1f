package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.StoreException;

/**
 * Keeps written and synced space ahead of the append position, so that the owner never grows a file and a flush never
 * pays for metadata. Works on the executor in slices, each synced; the owner helps itself only when it has outrun it.
 * Also watches the free space of the disk. The owner calls everything but {@link #run}.
 *
 * <p>A full disk is no failure here: nothing is lost, and the owner meets it when the space is used up. Everything else
 * ends the log, in whatever thread it happens: the entries that are being flushed meanwhile are in the same file, and the
 * operating system tells of a failed flush only once.
 */
final class SpaceAhead {
    static final int HIGHEST_PRESSURE = 4;
    private static final int SLICE_BYTES = 1 << 20;
    private static final long CHECK_INTERVAL_NANOS = 100_000_000;

    private final Disk disk;
    private final SegmentFiles files;
    private final CommitLogSettings settings;
    private final Clock clock;
    private final Executor background;
    private final Consumer<StoreException> failed;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ByteBuffer zeros;

    private volatile Segment current;
    private volatile Segment next;
    private volatile long appendedTo;
    private volatile StoreException problem;
    private boolean closed; // guarded by this
    private volatile long usableBytes; // of the disk, when last looked at
    private long checkedAtNanos;

    /** @param failed ends the log; is called on any thread */
    SpaceAhead(
            Disk disk,
            SegmentFiles files,
            CommitLogSettings settings,
            Clock clock,
            Executor background,
            Consumer<StoreException> failed) {
        this.failed = failed;
        this.disk = disk;
        this.files = files;
        this.settings = settings;
        this.clock = clock;
        this.background = background;
        this.zeros = ByteBuffer.allocateDirect((int) Math.min(SLICE_BYTES, settings.allocateAheadBytes()));
        checkDisk(clock.nanoTime());
    }

    /** From now on space is kept behind this offset of this segment; the segment may be null in an empty log. */
    void follow(Segment segment, long endOffset) {
        current = segment;
        appendedTo = endOffset;
        topUp(endOffset);
    }

    /** Has space allocated on the executor when less than half of what is wanted is left. Cheap. */
    void topUp(long endOffset) {
        appendedTo = endOffset;
        if (current == null || aheadBytes() >= settings.allocateAheadBytes() / 2) return;
        if (problem != null && !isCheckDue()) return;
        if (!scheduled.compareAndSet(false, true)) return;
        try {
            background.execute(this::run);
        } catch (RejectedExecutionException shutDown) {
            scheduled.set(false); // the owner allocates what it needs
        }
    }

    /** Makes the current segment hold everything below the offset, waiting if need be. @throws StoreException DISK_FULL */
    void require(long offset) {
        if (current.allocatedTo() >= offset) return;
        synchronized (this) {
            while (current.allocatedTo() < offset) extend(current);
        }
    }

    /**
     * Has the segment that follows ready, durable, with room for so many bytes or all that it can hold.
     *
     * @throws StoreException DISK_FULL, and nothing has changed
     */
    synchronized void prepareNext(long baseOffset, long bytes) {
        if (next == null) next = create(baseOffset);
        if (next.baseOffset() != baseOffset) {
            throw new IllegalStateException(next.path() + " is ready where " + baseOffset + " follows");
        }
        long wanted = Math.min(next.endOffset(), next.firstEntryOffset() + bytes + EntryFormat.HEADER_BYTES);
        while (next.allocatedTo() < wanted) extend(next);
    }

    /**
     * Makes the segment that was prepared the current one. In one step: a task that ran in between would take the new
     * segment for one that is still to be created.
     */
    Segment advance(boolean notFirst) {
        Segment begun;
        synchronized (this) {
            begun = files.begin(next, notFirst);
            next = null;
            current = begun;
            appendedTo = begun.firstEntryOffset();
        }
        topUp(begun.firstEntryOffset());
        return begun;
    }

    /** Whether messages may still be appended; acknowledgements may as long as {@link #require} succeeds. */
    boolean acceptsMessages(long endOffset) {
        long now = clock.nanoTime();
        boolean due = now - checkedAtNanos >= CHECK_INTERVAL_NANOS;
        if (due) checkDisk(now);
        if (usableBytes < settings.reservedBytes()) {
            if (due) files.deleteSpares();
            return false;
        }
        if (current == null || problem == null) return true;
        appendedTo = endOffset;
        if (due) {
            problem = null;
            topUp(endOffset);
        }
        return aheadBytes() >= settings.appendReserveBytes();
    }

    /** Free bytes of the disk, when last looked at. */
    long usableBytes() {
        return usableBytes;
    }

    /** From 0 to 4: 1 when the free space is less than one and a half times what is reserved, then by halves. */
    int pressure(long endOffset) {
        if (!acceptsMessages(endOffset)) return HIGHEST_PRESSURE;
        long near = settings.reservedBytes() / 2;
        long above = usableBytes - settings.reservedBytes();
        if (above >= near) return 0;
        return above >= near / 2 ? 1 : above >= near / 4 ? 2 : above >= near / 8 ? 3 : HIGHEST_PRESSURE;
    }

    /** Whether there is room to keep files for later use. */
    boolean hasRoomForSpares() {
        return disk.usableBytes() >= settings.reservedBytes() + 2 * settings.segmentSizeBytes();
    }

    /** No allocation runs or starts after this. */
    synchronized void close() {
        closed = true;
        if (next != null) next.close();
        next = null;
    }

    private void run() {
        scheduled.set(false);
        try {
            while (allocateSlice()) problem = null;
        } catch (StoreException e) {
            problem = e; // of a full disk; the owner meets it itself when the space is used up
        }
    }

    private synchronized boolean allocateSlice() {
        if (closed || aheadBytes() >= settings.allocateAheadBytes()) return false;
        Segment segment = current;
        if (segment.allocatedTo() < segment.endOffset()) extend(segment);
        else if (next == null) next = create(segment.endOffset());
        else if (next.allocatedTo() < next.endOffset()) extend(next);
        else return false;
        return true;
    }

    private long aheadBytes() {
        Segment segment = current;
        Segment following = next;
        long ahead = segment.allocatedTo() - appendedTo;
        boolean usable = following != null && following.baseOffset() == segment.endOffset();
        return usable ? ahead + following.allocatedTo() - following.baseOffset() : ahead;
    }

    private Segment create(long baseOffset) {
        try {
            return files.create(baseOffset, zeros.capacity());
        } catch (StoreException e) {
            throw seen(e);
        }
    }

    private void extend(Segment segment) {
        long from = segment.allocatedTo();
        int bytes = (int) Math.min(zeros.capacity(), segment.endOffset() - from);
        try {
            segment.write(zeros.clear().limit(bytes), from);
            segment.forceAhead();
        } catch (StoreException e) {
            throw seen(e);
        }
        segment.allocatedTo(from + bytes);
        usableBytes = disk.usableBytes(); // a small, quick disk is full before the next check is due
    }

    /** Ends the log unless nothing is lost; returns the failure, to be thrown. */
    private StoreException seen(StoreException e) {
        if (!e.error().isPassing()) failed.accept(e);
        return e;
    }

    private boolean isCheckDue() {
        return clock.nanoTime() - checkedAtNanos >= CHECK_INTERVAL_NANOS;
    }

    private void checkDisk(long nowNanos) {
        usableBytes = disk.usableBytes();
        checkedAtNanos = nowNanos;
    }
}
