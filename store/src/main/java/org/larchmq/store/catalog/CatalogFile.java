package org.larchmq.store.catalog;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.larchmq.store.catalog.CatalogBlocks.Record;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * One file of the catalog: a first write with every record, whose number is the file's name, and after it those that change
 * some. In memory it keeps where each record stands, not what is in it. One thread at a time.
 */
final class CatalogFile implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("(\\d{20})\\.catalog");
    private static final long SMALL_BYTES = 256 << 10;
    private static final int REWRITE_BYTES = 1 << 20;

    private final String path;
    private final DiskFile file;
    private final Map<CatalogKey, Place> places = new HashMap<>();
    private long currentBytes;
    private long lastWriteOffset;
    private long endOffset;
    private long generation;
    private long physicalOffset;

    private record Place(long offset, long bytes) {}

    private CatalogFile(Disk disk, String directory, long firstGeneration, boolean create) {
        this.path = path(directory, firstGeneration);
        if (create) disk.delete(path); // what a failed attempt left
        this.file = disk.open(path, create);
        this.generation = firstGeneration - 1;
    }

    /** The files of a directory by the numbers of their first writes, oldest first. */
    static List<Long> in(Disk disk, String directory) {
        return disk.list(directory).stream()
                .map(NAME::matcher)
                .filter(Matcher::matches)
                .map(name -> Long.parseLong(name.group(1)))
                .sorted()
                .toList();
    }

    static String path(String directory, long firstGeneration) {
        return String.format(Locale.ROOT, "%s/%020d.catalog", directory, firstGeneration);
    }

    static CatalogFile open(Disk disk, String directory, long firstGeneration) {
        return new CatalogFile(disk, directory, firstGeneration, false);
    }

    /**
     * A new file with what the old one holds and an update on top; durable on return.
     *
     * @param old stays as it is; null when there is none
     */
    static CatalogFile create(Disk disk, String directory, CatalogFile old, CatalogUpdate update) {
        CatalogFile created = new CatalogFile(disk, directory, old == null ? 1 : old.generation + 1, true);
        try {
            created.writeAll(old, update);
            disk.syncDirectory(directory);
            return created;
        } catch (RuntimeException e) {
            created.close();
            throw e;
        }
    }

    /**
     * Reads everything up to the last whole write; what comes behind it is a write that never ended. Between the numbers of
     * the writes there is no gap.
     */
    Map<CatalogKey, byte[]> read() {
        Map<CatalogKey, byte[]> contents = new HashMap<>();
        List<Record> write = new ArrayList<>();
        CatalogBlocks.Reader reader = new CatalogBlocks.Reader(file);
        while (reader.next() && reader.generation() == generation + 1) {
            write.addAll(reader.records());
            if (!reader.isLast()) continue;
            for (Record record : write) {
                place(record);
                if (record.data() == null) contents.remove(record.key());
                else contents.put(record.key(), record.data());
            }
            write.clear();
            generation++;
            physicalOffset = reader.physicalOffset();
            lastWriteOffset = endOffset;
            endOffset = reader.endOffset();
        }
        return contents;
    }

    /** Durable on return. */
    void append(CatalogUpdate update) {
        if (file.size() > endOffset) {
            // the rest of a write that never ended must not look like the end of this one
            file.truncate(endOffset);
            file.force(true);
        }
        var writer = new CatalogBlocks.Writer(file, endOffset, generation + 1, update.physicalOffset());
        for (CatalogKey key : update.deletes()) place(writer.delete(key));
        update.puts().forEach((key, data) -> place(writer.put(key, data)));
        finish(writer, update.physicalOffset());
    }

    private void writeAll(CatalogFile old, CatalogUpdate update) {
        var writer = new CatalogBlocks.Writer(file, 0, generation + 1, update.physicalOffset());
        if (old != null) {
            old.copyCurrent(record -> {
                CatalogKey key = record.key();
                if (update.puts().containsKey(key) || update.deletes().contains(key)) return;
                place(writer.put(key, record.data()));
            });
        }
        update.puts().forEach((key, data) -> place(writer.put(key, data)));
        finish(writer, update.physicalOffset());
    }

    private void finish(CatalogBlocks.Writer writer, long newPhysicalOffset) {
        endOffset = writer.finish();
        file.force(true);
        generation++;
        physicalOffset = newPhysicalOffset;
    }

    private interface RecordSink {
        void accept(Record record);
    }

    /** Reads the file once more, so that what is copied has been checked. */
    private void copyCurrent(RecordSink sink) {
        CatalogBlocks.Reader reader = new CatalogBlocks.Reader(file);
        while (reader.endOffset() < endOffset) {
            if (!reader.next()) throw damagedAt(reader.endOffset(), "a block is not what was written any more");
            for (Record record : reader.records()) {
                Place place = places.get(record.key());
                if (place != null && place.offset == record.offset()) sink.accept(record);
            }
        }
    }

    private void place(Record record) {
        Place before = record.data() == null
                ? places.remove(record.key())
                : places.put(record.key(), new Place(record.offset(), record.bytes()));
        if (before != null) currentBytes -= before.bytes;
        if (record.data() != null) currentBytes += record.bytes();
    }

    /** Whether more than half of the file, and more than a little, says what is not so any more. */
    boolean isMostlyOutdated() {
        return endOffset - currentBytes > Math.max(currentBytes, SMALL_BYTES);
    }

    /** Bytes of the records that are in force. */
    long currentBytes() {
        return currentBytes;
    }

    /** Number of the last whole write, 0 when there is none. */
    long generation() {
        return endOffset == 0 ? 0 : generation;
    }

    long physicalOffset() {
        return physicalOffset;
    }

    /** Relative to the data directory. */
    String path() {
        return path;
    }

    /** Writes the last whole write again, as it was read. */
    void rewriteLast() {
        ByteBuffer block = ByteBuffer.allocate((int) Math.min(REWRITE_BYTES, endOffset - lastWriteOffset));
        for (long offset = lastWriteOffset; offset < endOffset; ) {
            int count = file.read(block.clear().limit((int) Math.min(block.capacity(), endOffset - offset)), offset);
            file.write(block.flip(), offset);
            offset += count;
        }
    }

    void force() {
        file.force(true);
    }

    /** What to throw when the file's last whole write is not the one that it must be. */
    StoreException damaged(String detail) {
        return damagedAt(endOffset, detail);
    }

    private StoreException damagedAt(long offset, String detail) {
        return new StoreException(StoreError.DAMAGED_CATALOG, file.path(), offset, detail, null);
    }

    @Override
    public void close() {
        file.close();
    }
}
