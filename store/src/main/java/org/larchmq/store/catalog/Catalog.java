package org.larchmq.store.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * Keeps one checkpoint, whole or not at all, in a {@link CatalogFile} to which every write appends what it changes. A file
 * that is mostly out of date is followed by a new one, which is deleted last. {@link CatalogAnchor} says how many writes
 * there must be, so that a damaged last one is not taken for one that was never finished. One thread at a time.
 */
public final class Catalog implements AutoCloseable {
    private final Disk disk;
    private final String directory;
    private final CatalogAnchor anchor;
    private CatalogFile file;
    private boolean wasRead;
    private boolean isDurable;
    private long anchored;
    private StoreException failedFlush;

    /** @param directory relative to the data directory, created when missing */
    public Catalog(Disk disk, String directory) {
        this.disk = disk;
        this.directory = directory;
        this.anchor = new CatalogAnchor(disk, directory);
        disk.createDirectories(directory);
    }

    /**
     * The last checkpoint, empty when there never was one. Must come before the first write. After a failed flush it must be
     * a new process that does. A disk without room for making sure that what was read is on it keeps nobody from reading:
     * the next write makes sure first.
     *
     * @throws StoreException DAMAGED_CATALOG: {@link #discard} and rebuild from the log; FLUSH_FAILED, which is final
     */
    public Optional<CatalogContents> load() {
        return finalWhenFlushFails(this::loadNow);
    }

    private Optional<CatalogContents> loadNow() {
        Optional<CatalogContents> contents = readNow();
        wasRead = true;
        try {
            makeDurable();
        } catch (StoreException e) {
            if (!e.error().isPassing()) throw e;
        }
        return contents;
    }

    private Optional<CatalogContents> readNow() {
        close();
        anchored = anchor.read();
        if (anchored == CatalogAnchor.DAMAGED) throw anchor.damaged();
        return read(anchored);
    }

    /**
     * The process may have died in any step of the last write, or its flush may have failed: what was read of it need not be
     * on the disk, and after a failed flush the operating system takes it for written. So it is written again.
     */
    private void makeDurable() {
        if (file != null) {
            if (file.generation() != anchored) file.rewriteLast();
            file.force();
            disk.syncDirectory(directory);
            anchor.write(file.generation());
        }
        deleteOthers();
        isDurable = true;
    }

    /**
     * Applies an update; durable on return. When it throws, the next one, or {@link #load}, goes on from the state before or
     * after it.
     *
     * @throws StoreException DISK_FULL, IO_ERROR, FLUSH_FAILED; DAMAGED_CATALOG when what was written before is not
     *                        readable any more
     */
    public void write(CatalogUpdate update) {
        if (failedFlush == null && !wasRead) throw new IllegalStateException("load must be called first");
        finalWhenFlushFails(() -> writeNow(update));
    }

    private Void writeNow(CatalogUpdate update) {
        if (!isDurable) {
            readNow();
            makeDurable();
        }
        isDurable = false; // what it holds is not known when one of these steps fails
        if (file == null || (file.isMostlyOutdated() && hasRoomFor(update))) {
            replace(update);
        } else {
            file.append(update);
            anchor.write(file.generation());
        }
        isDurable = true;
        return null;
    }

    /** A second flush would say yes to what the first one lost, and reading would find it in the operating system's memory. */
    private <T> T finalWhenFlushFails(Supplier<T> work) {
        if (failedFlush != null) throw failedFlush;
        try {
            return work.get();
        } catch (StoreException e) {
            if (e.error() == StoreError.FLUSH_FAILED) failedFlush = e;
            throw e;
        }
    }

    /** Removes everything, so that the next load is empty. */
    public void discard() {
        close();
        deleteOthers();
        anchor.delete();
        disk.syncDirectory(directory);
    }

    @Override
    public void close() {
        isDurable = false;
        if (file != null) file.close();
        file = null;
    }

    /** Opens the newest file that reaches the anchor. A newer one that does not was being written when the process ended. */
    private Optional<CatalogContents> read(long anchored) {
        List<Long> files = CatalogFile.in(disk, directory);
        StoreException damage = null;
        for (int i = files.size() - 1; i >= 0; i--) {
            file = CatalogFile.open(disk, directory, files.get(i));
            Map<CatalogKey, byte[]> records = file.read();
            long found = file.generation();
            if (found > 0 && (found == anchored || found == anchored + 1)) {
                return Optional.of(new CatalogContents(file.physicalOffset(), records));
            }
            if (damage == null) {
                damage = file.damaged("it holds write " + found + " where " + anchored + " is the last durable one");
            }
            if (found > anchored) throw damage;
            file.close();
            file = null;
        }
        if (anchored == 0) return Optional.empty();
        if (damage != null) throw damage;
        throw new StoreException(
                StoreError.DAMAGED_CATALOG,
                disk.describe(directory),
                StoreException.NO_OFFSET,
                "the file that holds write " + anchored + " is missing",
                null);
    }

    private void replace(CatalogUpdate update) {
        CatalogFile old = file;
        file = CatalogFile.create(disk, directory, old, update);
        if (old != null) old.close();
        anchor.write(file.generation());
        if (old != null) deleteOthers();
    }

    /** A new file needs room for everything while the old one is still there. */
    private boolean hasRoomFor(CatalogUpdate update) {
        long bytes = file.currentBytes();
        for (byte[] data : update.puts().values()) bytes += data.length;
        return disk.usableBytes() > 2 * bytes;
    }

    private void deleteOthers() {
        for (long firstGeneration : CatalogFile.in(disk, directory)) {
            String path = CatalogFile.path(directory, firstGeneration);
            if (file == null || !path.equals(file.path())) disk.delete(path);
        }
    }
}
