package org.larchmq.store.catalog;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.larchmq.store.catalog.CatalogBlocks.Record;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * One file of the catalog: a first write with every record, and after it those that change some. In memory it keeps where
 * each record stands, not what is in it. The name is the number of the first write. One thread at a time.
 */
final class CatalogFile implements AutoCloseable {
    private static final String SUFFIX = ".catalog";
    private static final long SMALL_BYTES = 256 << 10;

    private final String path;
    private final DiskFile file;
    private final String describedPath;
    private Map<CatalogKey, Place> places = new HashMap<>();
    private long currentBytes;
    private long endOffset;
    private long generation;
    private long physicalOffset;

    private record Place(long offset, long bytes) {}

    private CatalogFile(Disk disk, String path, boolean create) {
        this.path = path;
        this.describedPath = disk.describe(path);
        this.file = disk.open(path, create);
    }

    /** The names of a directory's catalog files, oldest first. */
    static List<String> namesIn(Disk disk, String directory) {
        return disk.list(directory).stream()
                .filter(name -> name.endsWith(SUFFIX))
                .sorted()
                .toList();
    }

    static CatalogFile open(Disk disk, String path) {
        return new CatalogFile(disk, path, false);
    }

    /**
     * A new file with what the old one holds and an update on top; durable on return.
     *
     * @param old stays as it is; null when there is none
     */
    static CatalogFile create(Disk disk, String directory, CatalogFile old, CatalogUpdate update) {
        long generation = old == null ? 1 : old.generation + 1;
        String path = String.format(Locale.ROOT, "%s/%020d%s", directory, generation, SUFFIX);
        disk.delete(path); // what a failed attempt left
        CatalogFile created = new CatalogFile(disk, path, true);
        try {
            created.writeAll(generation, old, update);
            disk.syncDirectory(directory);
            return created;
        } catch (RuntimeException e) {
            created.close();
            throw e;
        }
    }

    /** Reads everything up to the last whole write; what comes behind it is a write that never ended. */
    Map<CatalogKey, byte[]> read() {
        Map<CatalogKey, byte[]> contents = new HashMap<>();
        Map<CatalogKey, Record> unfinished = new HashMap<>();
        boolean replaces = false;
        long unfinishedGeneration = 0;
        CatalogBlocks.Reader reader = new CatalogBlocks.Reader(file);
        while (reader.next() && follows(reader, unfinishedGeneration)) {
            unfinishedGeneration = reader.generation();
            replaces |= reader.replacesAll();
            for (Record record : reader.records()) unfinished.put(record.key(), record);
            if (!reader.isLast()) continue;
            if (replaces) {
                contents.clear();
                forgetAll();
            }
            unfinished.forEach((key, record) -> {
                place(record);
                if (record.data() == null) contents.remove(key);
                else contents.put(key, record.data());
            });
            unfinished.clear();
            replaces = false;
            unfinishedGeneration = 0;
            generation = reader.generation();
            physicalOffset = reader.physicalOffset();
            endOffset = reader.endOffset();
        }
        return contents;
    }

    /** A write's blocks have its number, the first write is a whole one, and from one to the next there is no gap. */
    private boolean follows(CatalogBlocks.Reader reader, long unfinishedGeneration) {
        if (unfinishedGeneration > 0) return reader.generation() == unfinishedGeneration && !reader.replacesAll();
        if (generation == 0) return reader.generation() > 0 && reader.replacesAll();
        return reader.generation() == generation + 1;
    }

    /** Durable on return. */
    void append(CatalogUpdate update) {
        if (file.size() > endOffset) {
            // the rest of a write that never ended must not look like the end of this one
            file.truncate(endOffset);
            file.force(true);
        }
        if (update.replaceAll()) forgetAll();
        var writer =
                new CatalogBlocks.Writer(file, endOffset, generation + 1, update.physicalOffset(), update.replaceAll());
        for (CatalogKey key : update.deletes()) place(writer.delete(key));
        update.puts().forEach((key, data) -> place(writer.put(key, data)));
        finish(writer, update.physicalOffset());
    }

    private void writeAll(long number, CatalogFile old, CatalogUpdate update) {
        generation = number - 1;
        var writer = new CatalogBlocks.Writer(file, 0, number, update.physicalOffset(), true);
        if (old != null && !update.replaceAll()) {
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

    private void forgetAll() {
        places = new HashMap<>();
        currentBytes = 0;
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
        return generation;
    }

    long physicalOffset() {
        return physicalOffset;
    }

    /** Relative to the data directory. */
    String path() {
        return path;
    }

    void force() {
        file.force(true);
    }

    /** What to throw when the file's last whole write is not the one that it must be. */
    StoreException damaged(String detail) {
        return damagedAt(endOffset, detail);
    }

    private StoreException damagedAt(long offset, String detail) {
        return new StoreException(StoreError.DAMAGED_CATALOG, describedPath, offset, detail, null);
    }

    @Override
    public void close() {
        file.close();
    }
}
