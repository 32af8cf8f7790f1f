package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.Randomness;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * The segment files of a log in order, and the spare files that are used again. The owner changes the list; any thread
 * may read it. {@link #create} runs under the lock of {@link SpaceAhead}.
 */
final class SegmentFiles implements AutoCloseable {
    private static final int MAX_SPARES = 2;
    private static final Segment[] NONE = {};

    private final Disk disk;
    private final String directory;
    private final long segmentSizeBytes;
    private final Randomness salts;
    private final EntryChecksum checksum = EntryChecksum.crc32c();
    private final List<String> damagedHeaders = new ArrayList<>();
    private volatile Segment[] segments = NONE;

    /** @param salts gives each segment that is made from now on its salt */
    SegmentFiles(Disk disk, String directory, long segmentSizeBytes, Randomness salts) {
        this.salts = salts;
        this.disk = disk;
        this.directory = directory;
        this.segmentSizeBytes = segmentSizeBytes;
    }

    /** Opens what is there; the owner's first call. */
    void load() {
        // a process that died may have renamed a segment that is to be used again: before that is durable, what is
        // written into the spare file would be found in the segment after a power loss
        disk.syncDirectory(directory);
        long[] bases = disk.list(directory).stream()
                .mapToLong(Segment::baseOffsetOf)
                .filter(base -> base >= 0 && base % EntryFormat.ALIGNMENT == 0)
                .sorted()
                .distinct()
                .toArray();
        Segment[] found = new Segment[bases.length];
        for (int i = 0; i < bases.length; i++) {
            long room = i + 1 < bases.length ? bases[i + 1] - bases[i] : Long.MAX_VALUE;
            found[i] = open(bases[i], room);
        }
        segments = found;
    }

    /** In order; not to be changed. */
    Segment[] all() {
        return segments;
    }

    Segment last() {
        Segment[] now = segments;
        return now.length == 0 ? null : now[now.length - 1];
    }

    /** The segment that holds the offset, or null. */
    Segment find(long physicalOffset) {
        Segment[] now = segments;
        int low = 0, high = now.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Segment segment = now[middle];
            if (physicalOffset < segment.baseOffset()) high = middle - 1;
            else if (physicalOffset >= segment.endOffset()) low = middle + 1;
            else return segment;
        }
        return null;
    }

    boolean hasValidHeader(Segment segment) {
        return !damagedHeaders.contains(segment.path());
    }

    /** A new file for the range from baseOffset, durable with its header and its first {@code initialBytes}. */
    synchronized Segment create(long baseOffset, long initialBytes) {
        String path = directory + "/" + Segment.fileName(baseOffset);
        Optional<String> spare = spares().stream().findFirst();
        spare.ifPresent(name -> disk.rename(directory + "/" + name, path));
        int flags = spare.isPresent() ? SegmentHeader.RECYCLED : SegmentHeader.NO_FLAGS;
        long salt = salts.nextLong(); // a new one for a used file, so that what it held is no entry any more
        DiskFile file = disk.open(path, true);
        try {
            if (file.size() > segmentSizeBytes) file.truncate(segmentSizeBytes);
            file.write(SegmentHeader.encode(baseOffset, segmentSizeBytes, flags, salt, checksum), 0);
            long missing = Math.min(initialBytes, segmentSizeBytes) - file.size();
            if (missing > 0) file.write(ByteBuffer.allocate((int) missing), file.size());
            file.force(true);
            disk.syncDirectory(directory);
            return new Segment(file, path, baseOffset, segmentSizeBytes, flags, OptionalLong.of(salt));
        } catch (StoreException e) {
            file.close();
            deleteAfter(e, path);
            throw e;
        }
    }

    private void deleteAfter(StoreException failure, String path) {
        try {
            disk.delete(path);
        } catch (StoreException e) {
            failure.addSuppressed(e);
        }
    }

    /** For repair: a file that stands for one that is missing; only as long as its header and a hole need. */
    Segment createMissing(long baseOffset, long sizeBytes) {
        String path = directory + "/" + Segment.fileName(baseOffset);
        DiskFile file = disk.open(path, true);
        file.write(ByteBuffer.allocate(SegmentHeader.HEADER_BYTES + EntryFormat.HEADER_BYTES), 0);
        file.force(true);
        disk.syncDirectory(directory);
        OptionalLong salt = OptionalLong.of(salts.nextLong());
        return new Segment(file, path, baseOffset, sizeBytes, SegmentHeader.NO_FLAGS, salt);
    }

    /**
     * For repair: writes the header that the file's name and its neighbours imply.
     *
     * @return the segment with the salt that its entries have, or a new one when there are none
     */
    Segment rewriteHeader(Segment damaged) {
        Segment segment = damaged.hasSalt() ? damaged : damaged.withSalt(salts.nextLong());
        long sizeBytes = segment.endOffset() - segment.baseOffset();
        // whether it was recycled is not known any more: then nothing is expected of what is behind its end
        ByteBuffer header =
                SegmentHeader.encode(segment.baseOffset(), sizeBytes, SegmentHeader.RECYCLED, segment.salt(), checksum);
        segment.write(header, segment.baseOffset());
        return segment;
    }

    /** Appends a created segment to the list. */
    Segment begin(Segment created, boolean notFirst) {
        Segment begun = created;
        if (notFirst) {
            long size = created.endOffset() - created.baseOffset();
            begun = created.notFirst();
            begun.write(
                    SegmentHeader.encode(created.baseOffset(), size, begun.flags(), begun.salt(), checksum),
                    created.baseOffset());
        }
        Segment[] now = segments;
        Segment[] longer = Arrays.copyOf(now, now.length + 1);
        longer[now.length] = begun;
        segments = longer;
        return begun;
    }

    /** Deletes the first segments, one durable step at a time so that no gap can appear. */
    void deleteFirst(int count, boolean keepSpares) {
        for (int i = 0; i < count; i++) {
            Segment[] now = segments;
            segments = Arrays.copyOfRange(now, 1, now.length);
            try {
                retire(now[0], keepSpares);
            } catch (StoreException e) {
                segments = now; // it is still there: if it were forgotten, deleting the next one would leave a gap
                throw e;
            }
            disk.syncDirectory(directory);
        }
    }

    /** Deletes every segment from an index on; durable after {@link #sync}. */
    void deleteFrom(int index) {
        Segment[] now = segments;
        segments = Arrays.copyOf(now, index);
        for (int i = now.length - 1; i >= index; i--) now[i].delete(disk);
    }

    synchronized void deleteSpares() {
        spares().forEach(name -> disk.delete(directory + "/" + name));
    }

    void sync() {
        disk.syncDirectory(directory);
    }

    @Override
    public void close() {
        for (Segment segment : segments) segment.close();
    }

    private List<String> spares() {
        return disk.list(directory).stream()
                .filter(name -> name.startsWith("spare-"))
                .toList();
    }

    private synchronized void retire(Segment segment, boolean keepSpares) {
        List<String> spares = spares();
        boolean fullLength = segment.endOffset() - segment.baseOffset() == segmentSizeBytes
                && segment.allocatedTo() == segment.endOffset();
        if (!keepSpares || !fullLength || spares.size() >= MAX_SPARES) {
            segment.delete(disk);
            return;
        }
        String name = spares.contains("spare-1") ? "spare-2" : "spare-1";
        disk.rename(segment.path(), directory + "/" + name);
        segment.close();
    }

    private Segment open(long baseOffset, long room) {
        String path = directory + "/" + Segment.fileName(baseOffset);
        DiskFile file = disk.open(path, false);
        ByteBuffer header = ByteBuffer.allocate(SegmentHeader.HEADER_BYTES);
        boolean complete = file.read(header, 0) == SegmentHeader.HEADER_BYTES;
        boolean whole = complete && SegmentHeader.isWhole(header.clear(), checksum);
        if (whole && header.getInt(SegmentHeader.VERSION) != SegmentHeader.CURRENT_VERSION) {
            file.close();
            String detail = "the segment has version " + header.getInt(SegmentHeader.VERSION) + ", this one reads "
                    + SegmentHeader.CURRENT_VERSION;
            throw new StoreException(StoreError.UNSUPPORTED_FORMAT, disk.describe(path), 0, detail, null);
        }
        if (complete && SegmentHeader.isValid(header.clear(), baseOffset, checksum)) {
            long sizeBytes = header.getLong(SegmentHeader.SIZE_BYTES);
            int flags = header.getInt(SegmentHeader.FLAGS);
            OptionalLong salt = OptionalLong.of(header.getLong(SegmentHeader.SALT));
            if (sizeBytes <= room) return new Segment(file, path, baseOffset, sizeBytes, flags, salt);
        }
        damagedHeaders.add(path);
        long assumed = Math.max(segmentSizeBytes, (file.size() + EntryFormat.ALIGNMENT - 1) & -EntryFormat.ALIGNMENT);
        long sizeBytes = Math.min(assumed, room);
        OptionalLong none = OptionalLong.empty();
        Segment damaged = new Segment(file, path, baseOffset, sizeBytes, SegmentHeader.RECYCLED, none);
        // a whole header of another place is that of a used file before its new one was written: nothing was appended
        boolean begun = !whole || header.getLong(SegmentHeader.BASE_OFFSET) == baseOffset;
        OptionalLong salt = begun ? new LogScanner(checksum).findSalt(damaged) : none;
        return salt.isPresent() ? damaged.withSalt(salt.getAsLong()) : damaged;
    }
}
