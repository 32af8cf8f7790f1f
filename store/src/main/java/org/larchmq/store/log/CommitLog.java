package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.Randomness;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * The log of one shard: entries in segment files, addressed by physicalOffset. {@link #begin} and {@link #end} build an
 * entry in memory, {@link #write} hands all of them to the operating system, {@link #force} makes them durable.
 *
 * <p>One owner thread calls everything; {@link #force}, {@link #writtenOffset}, {@link #flushedOffset} may be called by
 * one other thread at the same time. After a failed write or flush, by whatever thread and for whatever purpose, the log
 * refuses everything with STOPPED and confirms nothing more: what the disk holds is unknown until {@link #recover} in a new
 * process has read it. A full disk alone is no such failure where the method says so.
 */
public final class CommitLog implements AutoCloseable {
    private final Disk disk;
    private final String directory;
    private final CommitLogSettings settings;
    private final SegmentHead head;
    private final EntryChecksum checksum;
    private final SegmentFiles files;
    private final SpaceAhead space;
    private final TailMemory tail;
    private final ReadCache reads;

    private Optional<CloseMarker> closeMarker;
    private boolean recovered;
    private long recoveredEnd;
    private Segment current;
    private boolean headComplete = true;
    private boolean writingHead;
    private long headEndOffset;
    private long headBytes; // what the last head took, or what the next one needs at least
    private long headBegunAt = Long.MAX_VALUE; // base of the segment in which an incomplete head begins
    private int epoch;
    private long endOffset;
    private long watermark; // the highest flushedOffset that an appended entry carries
    private TailMemory.Chunk pending;
    private int pendingSizeBytes;
    private int lastEntrySizeBytes;
    private boolean applying;

    private volatile long writtenOffset;
    private volatile long flushedOffset;
    private volatile StoreException failure;
    private BooleanSupplier roomElsewhere = () -> true;

    /**
     * Opens the files; {@link #recover} must follow.
     *
     * @param directory  relative to the data directory, created when missing
     * @param head       called in begin when a segment was begun
     * @param background allocates space ahead; may run its tasks on the calling thread
     */
    public CommitLog(
            Disk disk,
            String directory,
            CommitLogSettings settings,
            Clock clock,
            SegmentHead head,
            Executor background) {
        this(disk, directory, settings, clock, head, background, Randomness.secure());
    }

    /**
     * The same with random numbers of the caller's.
     *
     * @param salts gives every segment a salt that nobody outside can guess
     */
    public CommitLog(
            Disk disk,
            String directory,
            CommitLogSettings settings,
            Clock clock,
            SegmentHead head,
            Executor background,
            Randomness salts) {
        this(disk, directory, settings, clock, head, background, salts, EntryChecksum.crc32c());
    }

    CommitLog(
            Disk disk,
            String directory,
            CommitLogSettings settings,
            Clock clock,
            SegmentHead head,
            Executor background,
            Randomness salts,
            EntryChecksum checksum) {
        this.disk = disk;
        this.directory = directory;
        this.settings = settings;
        this.head = head;
        this.checksum = checksum;
        disk.createDirectories(directory);
        this.files = new SegmentFiles(disk, directory, settings.segmentSizeBytes(), salts);
        files.load();
        this.space = new SpaceAhead(disk, files, settings, clock, background, this::fail);
        this.tail = new TailMemory(settings.tailMemoryBytes());
        this.reads = new ReadCache(files, checksum, settings.readRangeBytes(), settings.readRanges());
        this.closeMarker = CloseMarker.read(disk, directory);
    }

    /** Whether the log had been closed in order when it was opened. */
    public boolean wasCleanlyClosed() {
        return closeMarker.isPresent();
    }

    /**
     * Visits the entries from an offset on, cuts a torn tail, makes what was visited durable, and readies the log for
     * appending. Everything below the given offset counts as known to be flushed.
     *
     * @param fromPhysicalOffset where an entry starts, or 0 or less than startOffset for the first retained segment
     * @throws StoreException DAMAGED_LOG; the log is unchanged then
     */
    public RecoveryReport recover(long fromPhysicalOffset, EntryVisitor visitor) {
        if (recovered) throw new IllegalStateException("recover must be called once");
        if (fromPhysicalOffset % EntryFormat.ALIGNMENT != 0) {
            throw new IllegalArgumentException("no entry starts at physicalOffset " + fromPhysicalOffset);
        }
        long closedAt = closeMarker.map(CloseMarker::endOffset).orElse(-1L);
        long knownFlushed = Math.max(fromPhysicalOffset, closedAt);
        var recovery = new LogRecovery(files, new LogScanner(checksum), disk.describe(directory));
        var outcome = recovery.run(fromPhysicalOffset, knownFlushed, closedAt, visitor);
        boolean clean = outcome.endOffset() == closedAt;
        headComplete = clean ? closeMarker.get().headComplete() : outcome.headComplete();
        endOffset = headEndOffset = writtenOffset = flushedOffset = outcome.endOffset();
        recoveredEnd = outcome.endOffset();
        epoch = outcome.lastEpoch();
        if (!headComplete) headBegunAt = firstBaseOfHead();
        current = files.last();
        CloseMarker.remove(disk, directory);
        space.follow(current, endOffset);
        recovered = true;
        return new RecoveryReport(startOffset(), endOffset, outcome.entries(), outcome.cutBytes(), clean);
    }

    /** Checks again, while the log is in use, what it held when it was recovered; see {@link LogScrub}. */
    public LogScrub scrub() {
        checkUsable();
        return new LogScrub(files, recoveredEnd);
    }

    /**
     * The leader epoch that entries carry from now on: not lower than that of any entry before, as recovery takes an entry
     * of a lower epoch for a rest of an earlier life.
     */
    public void setEpoch(int epoch) {
        if (epoch < this.epoch) {
            throw new IllegalArgumentException("epoch " + epoch + " must not be lower than " + this.epoch);
        }
        this.epoch = epoch;
    }

    /** First retained byte. */
    public long startOffset() {
        Segment[] segments = files.all();
        return segments.length == 0 ? endOffset : segments[0].baseOffset();
    }

    /** Behind the last appended entry. */
    public long endOffset() {
        return endOffset;
    }

    /** Everything below was handed to the operating system. */
    public long writtenOffset() {
        return writtenOffset;
    }

    /** Everything below is durable. */
    public long flushedOffset() {
        return flushedOffset;
    }

    /**
     * Starts an entry and returns the memory for its payload, from position to limit; {@link #end} completes it. May
     * begin a segment, and then calls the {@link SegmentHead} first.
     *
     * @param type 1..127
     * @throws StoreException ENTRY_TOO_LARGE, DISK_FULL when no space is left (nothing was appended then but perhaps a part
     *                        of a head, which means nothing), STOPPED
     */
    public ByteBuffer begin(byte type, int payloadSizeBytes, long timestampMillis) {
        if (type <= 0) throw new IllegalArgumentException("types below 1 belong to the log: " + type);
        checkApplied();
        if (pending != null) throw new IllegalStateException("the entry before was not ended");
        if (payloadSizeBytes < 0 || payloadSizeBytes > settings.maxEntryBytes() - EntryFormat.HEADER_BYTES) {
            throw tooLarge(payloadSizeBytes);
        }
        int sizeBytes = EntryFormat.HEADER_BYTES + payloadSizeBytes;
        makeRoom(EntryFormat.aligned(sizeBytes));
        return start(type, sizeBytes, timestampMillis);
    }

    /** Completes the entry that was begun; returns its physicalOffset. It is neither written nor durable yet. */
    public long end() {
        if (pending == null) throw new IllegalStateException("no entry was begun");
        long physicalOffset = endOffset;
        watermark = flushedOffset;
        EntryFormat.complete(pending.memory, pending.usedBytes, physicalOffset, watermark, checksum);
        int aligned = EntryFormat.aligned(pendingSizeBytes);
        pending.usedBytes += aligned;
        pending = null;
        lastEntrySizeBytes = pendingSizeBytes;
        endOffset = physicalOffset + aligned;
        space.topUp(endOffset);
        return physicalOffset;
    }

    /**
     * What the entries appended last say is about to be applied to the state. Until {@link #applied} is called nothing is
     * appended or written: when applying fails, the log and the state differ, and the entries must never reach the disk.
     */
    public void applying() {
        applying = true;
    }

    /** What the entries say was applied to the state in full. */
    public void applied() {
        applying = false;
    }

    /**
     * Refuses everything from now on: entries that are appended and not written never will be, and {@link #close} does
     * not mark the log as closed in order.
     */
    public void abandon(RuntimeException cause) {
        fail(cause instanceof StoreException known ? known : stopped("the shard has failed", cause));
    }

    /** Largest payload that {@link #begin} takes. */
    public int maxPayloadBytes() {
        return settings.maxEntryBytes() - EntryFormat.HEADER_BYTES;
    }

    /** Length, header included, of the entry that {@link #end} completed last. */
    public int lastEntrySizeBytes() {
        return lastEntrySizeBytes;
    }

    /** Hands all appended entries to the operating system, in one call where they are contiguous. */
    public void write() {
        checkApplied();
        try {
            tail.write();
        } catch (StoreException e) {
            fail(e);
            throw e;
        }
        writtenOffset = endOffset;
    }

    /**
     * Makes durable what was written when the call began. One thread at a time, which need not be the owner.
     *
     * @throws StoreException FLUSH_FAILED; it is not retried, and the log refuses everything from then on
     */
    public void force() {
        checkUsable();
        long target = writtenOffset;
        long from = flushedOffset;
        if (target == from) return;
        try {
            for (Segment segment : files.all()) {
                boolean touched = segment.endOffset() > from && segment.baseOffset() < target;
                if (touched) segment.force(false);
            }
        } catch (StoreException e) {
            fail(e);
            throw e;
        }
        checkUsable(); // preparing space may have failed meanwhile
        flushedOffset = target;
    }

    /**
     * Reads the payload of an entry, from position to limit. Owner thread; valid until the next call of any method here.
     *
     * @param sizeBytes length of the entry with its header
     * @throws StoreException DAMAGED_ENTRY when the disk does not return what was written
     */
    public ByteBuffer read(long physicalOffset, int sizeBytes) {
        if (sizeBytes < EntryFormat.HEADER_BYTES || physicalOffset < 0) {
            throw new IllegalArgumentException("no entry: physicalOffset=" + physicalOffset + " size=" + sizeBytes);
        }
        TailMemory.Chunk chunk = tail.find(physicalOffset);
        if (chunk == null) {
            if (physicalOffset + sizeBytes > writtenOffset) {
                throw new IllegalArgumentException(
                        "physicalOffset " + physicalOffset + " is behind the end of the log");
            }
            return reads.read(physicalOffset, sizeBytes, writtenOffset);
        }
        int at = (int) (physicalOffset - chunk.baseOffset);
        boolean itself = at + EntryFormat.HEADER_BYTES <= chunk.usedBytes
                && chunk.memory.getLong(at + EntryFormat.PLACE)
                        == EntryFormat.place(physicalOffset, chunk.segment.salt())
                && chunk.memory.getInt(at + EntryFormat.SIZE_BYTES) == sizeBytes;
        if (!itself) {
            throw new IllegalArgumentException(
                    "no entry of " + sizeBytes + " bytes starts at physicalOffset " + physicalOffset);
        }
        return chunk.readView(at + EntryFormat.HEADER_BYTES, at + sizeBytes);
    }

    /**
     * Whether messages may be appended: false while the disk is at its high-water mark. Acknowledgements may be
     * appended regardless, until begin throws DISK_FULL. Becomes true again by itself. Cheap.
     */
    public boolean acceptsMessages() {
        return space.acceptsMessages(endOffset) && roomElsewhere.getAsBoolean();
    }

    /** Messages are accepted only while what is derived from them finds room, too. Before the first append. */
    public void acceptMessagesOnlyWhile(BooleanSupplier hasRoom) {
        roomElsewhere = hasRoom;
    }

    /** How near the disk is to its high-water mark: 0 not near, 1 to 4 nearer and nearer. Cheap. */
    public int spacePressure() {
        return roomElsewhere.getAsBoolean() ? space.pressure(endOffset) : SpaceAhead.HIGHEST_PRESSURE;
    }

    /** Free bytes of the data directory's disk, when last looked at. */
    public long usableBytes() {
        return space.usableBytes();
    }

    /** Free bytes of the disk below which messages are not accepted: its high-water mark. */
    public long reservedBytes() {
        return settings.reservedBytes();
    }

    /**
     * Appends and writes an entry that says how far the log was flushed, so that damage in the last flushed entry is
     * not taken for a torn tail. For the owner's idle time; does nothing when there is nothing new to say or no space.
     *
     * @throws StoreException FLUSH_FAILED, IO_ERROR, STOPPED
     */
    public void markFlushed() {
        checkApplied();
        if (watermark >= flushedOffset || pending != null || current == null) return;
        if (!fits(EntryFormat.HEADER_BYTES)) return; // the next segment's entries will say it
        try {
            space.require(spaceNeeded(EntryFormat.HEADER_BYTES));
        } catch (StoreException e) {
            if (e.error().isPassing()) return;
            throw e;
        }
        appendInternal(EntryFormat.WATERMARK, EntryFormat.HEADER_BYTES);
        write();
    }

    /** Where the segment that holds an offset ends; the end of the log when none does. */
    public long segmentEnd(long physicalOffset) {
        Segment segment = files.find(physicalOffset);
        return segment == null ? endOffset : segment.endOffset();
    }

    /**
     * Deletes whole segments that end at or below an offset, as far as the log can be rebuilt from the first one left:
     * its head is complete and flushed, and as far as a full disk lets it. What was deleted is durable on return.
     *
     * @throws StoreException FLUSH_FAILED, IO_ERROR, STOPPED
     */
    public void deleteSegmentsBefore(long physicalOffset) {
        checkUsable();
        Segment[] segments = files.all();
        int first = 0;
        for (int i = 1; i < segments.length && segments[i - 1].endOffset() <= physicalOffset; i++) {
            if (isRebuildableFrom(segments, i)) first = i;
        }
        if (first == 0) return;
        try {
            files.deleteFirst(first, space.hasRoomForSpares());
        } catch (StoreException e) {
            if (e.error().isPassing()) return; // they stay until the next call
            fail(e);
            throw e;
        }
    }

    /** Writes, flushes and marks the log as closed in order, unless it failed before. Force must not be running. */
    @Override
    public void close() {
        try {
            if (recovered && failure == null && pending == null && !applying) closeInOrder();
        } finally {
            fail(stopped("the log was closed", null));
            space.close();
            files.close();
        }
    }

    private void closeInOrder() {
        write();
        force();
        markFlushed();
        force();
        markClosed();
    }

    /** Without room for the marker the next start looks for the end of the log itself; nothing is lost. */
    private void markClosed() {
        try {
            new CloseMarker(endOffset, headComplete).write(disk, directory);
        } catch (StoreException e) {
            if (!e.error().isPassing()) throw e;
            CloseMarker.remove(disk, directory);
        }
    }

    /** Whether a segment begins with a head, of which every part, also those in segments behind it, is flushed. */
    private boolean isRebuildableFrom(Segment[] segments, int index) {
        Segment segment = segments[index];
        if (!segment.mayBeFirst() || segment.baseOffset() >= headBegunAt) return false;
        for (int i = index + 1; i < segments.length; i++) {
            if (segments[i].mayBeFirst())
                return flushedOffset >= segments[i].baseOffset(); // its head ended before that
        }
        return headComplete && flushedOffset > segment.firstEntryOffset() && flushedOffset >= headEndOffset;
    }

    private long firstBaseOfHead() {
        Segment[] segments = files.all();
        int index = segments.length - 1;
        while (index > 0 && !segments[index].mayBeFirst()) index--;
        return segments.length == 0 ? endOffset : segments[index].baseOffset();
    }

    /** Makes the current segment one that has room for an entry, its head written. */
    private void makeRoom(int aligned) {
        if (current == null || !fits(aligned)) beginSegment(aligned);
        while (!writingHead && !headComplete) {
            writeHead();
            if (!fits(aligned)) beginSegment(aligned);
        }
        space.require(spaceNeeded(aligned));
    }

    /**
     * Writes a head, which may go on in segments behind the current one. When it fails half way, for want of room, what was
     * written stays, means nothing, and the next attempt waits until there is room for more than that.
     */
    private void writeHead() {
        space.require(Math.min(current.endOffset(), endOffset + headBytes));
        long from = endOffset;
        writingHead = true;
        try {
            head.write(this);
            if (pending != null) throw new IllegalStateException("the segment head left an entry open");
            headBytes = endOffset - from;
        } catch (RuntimeException e) {
            pending = null;
            headBytes = Math.max(headBytes, 2 * (endOffset - from));
            throw e;
        } finally {
            writingHead = false;
        }
        headComplete = true;
        headBegunAt = Long.MAX_VALUE;
        headEndOffset = endOffset;
    }

    /**
     * Not every segment gets a head: one that is large is written again only when as much log as it takes has followed it,
     * so that heads never take more than half of the log, however large the state is.
     */
    private void beginSegment(int aligned) {
        long base = current == null ? endOffset : current.endOffset();
        boolean headDue = !writingHead && (!headComplete || base - headEndOffset >= headBytes);
        space.prepareNext(base, headDue ? headBytes + aligned : aligned);
        if (current != null && endOffset < current.endOffset()) {
            appendInternal(EntryFormat.FILLER, (int) (current.endOffset() - endOffset));
        }
        try {
            current = space.advance(!headDue);
        } catch (StoreException e) {
            if (!e.error().isPassing()) fail(e);
            throw e;
        }
        endOffset = current.firstEntryOffset();
        if (!headDue) return;
        if (headComplete) headBegunAt = current.baseOffset();
        headComplete = false;
    }

    /** Whether an entry fits and leaves either nothing or room for a filler. */
    private boolean fits(int aligned) {
        long left = current.endOffset() - endOffset - aligned;
        return left == 0 || left >= EntryFormat.HEADER_BYTES;
    }

    private long spaceNeeded(int aligned) {
        return Math.min(current.endOffset(), endOffset + aligned + EntryFormat.HEADER_BYTES);
    }

    private ByteBuffer start(byte type, int sizeBytes, long timestampMillis) {
        int inMemory = EntryFormat.checkedBytes(type, sizeBytes);
        TailMemory.Chunk chunk = tail.chunkFor(current, endOffset, inMemory);
        if (chunk == null) {
            write();
            chunk = tail.chunkFor(current, endOffset, inMemory);
        }
        short flags = writingHead ? EntryFormat.IN_HEAD : EntryFormat.NO_FLAGS;
        int at = chunk.usedBytes;
        long place = EntryFormat.place(endOffset, current.salt());
        EntryFormat.writeHeader(chunk.memory, at, sizeBytes, type, flags, epoch, place, timestampMillis);
        pending = chunk;
        pendingSizeBytes = sizeBytes;
        return chunk.appendView(at + EntryFormat.HEADER_BYTES, at + Math.min(inMemory, sizeBytes));
    }

    private void appendInternal(byte type, int sizeBytes) {
        start(type, sizeBytes, 0);
        watermark = flushedOffset;
        EntryFormat.complete(pending.memory, pending.usedBytes, endOffset, watermark, checksum);
        pending.usedBytes += EntryFormat.checkedBytes(type, sizeBytes);
        pending = null;
        endOffset += sizeBytes;
    }

    private StoreException tooLarge(int payloadSizeBytes) {
        String detail = "payload of " + payloadSizeBytes + " bytes, entries hold up to " + settings.maxEntryBytes()
                + " with a header of " + EntryFormat.HEADER_BYTES;
        return new StoreException(
                StoreError.ENTRY_TOO_LARGE, disk.describe(directory), StoreException.NO_OFFSET, detail, null);
    }

    private StoreException stopped(String detail, RuntimeException cause) {
        return new StoreException(
                StoreError.STOPPED, disk.describe(directory), StoreException.NO_OFFSET, detail, cause);
    }

    /** Owner only: {@link #force} may run beside an application. */
    private void checkApplied() {
        checkUsable();
        if (applying) {
            throw stopped(
                    "an entry was appended that could not be applied to the state; it is not written, and nothing of"
                            + " its batch is confirmed",
                    null);
        }
    }

    /** The first failure is final. Any thread. */
    private synchronized void fail(StoreException e) {
        if (failure == null) failure = e;
    }

    private void checkUsable() {
        StoreException first = failure;
        if (first != null) {
            throw new StoreException(
                    StoreError.STOPPED,
                    first.file(),
                    first.offset(),
                    first.error().name(),
                    first);
        }
        if (!recovered) throw new IllegalStateException("recover must be called first");
    }
}
