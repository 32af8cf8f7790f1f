package org.larchmq.server.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.catalog.CatalogContents;
import org.larchmq.store.catalog.DataDirectory;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.NioDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * The data directory of a broker that is not running, kept from starting until this is closed. Unlike
 * {@link DataDirectory} it leaves the mark of an orderly stop where it is.
 */
final class StoppedStore implements AutoCloseable {
    private static final String LOCK = "lock"; // the file that DataDirectory locks

    private final Disk disk;
    private final AutoCloseable lock;

    private StoppedStore(Disk disk, AutoCloseable lock) {
        this.disk = disk;
        this.lock = lock;
    }

    /** @throws CommandException when no broker has used the directory, or one is running on it */
    static StoppedStore lock(Path directory) {
        return lock(directory, false);
    }

    /**
     * The same to look at only, which changes nothing: the directory may be a copy that cannot be written.
     *
     * @throws CommandException when no broker has used the directory, or one is running on it
     */
    static StoppedStore lockToRead(Path directory) {
        return lock(directory, true);
    }

    private static StoppedStore lock(Path directory, boolean readOnly) {
        if (!Files.isDirectory(directory.resolve(DataDirectory.COMMIT_LOG))) {
            throw new CommandException(
                    ExitCodes.FAILED, directory + " is not the data directory of a broker: it has no commit log");
        }
        Disk disk = readOnly ? NioDisk.readOnly(directory) : new NioDisk(directory);
        try {
            return new StoppedStore(disk, disk.lock(LOCK));
        } catch (StoreException e) {
            if (e.error() != StoreError.ALREADY_LOCKED) throw e;
            throw new CommandException(
                    ExitCodes.FAILED,
                    "a broker is running on %s. Remedy: larchmq stop --data %s".formatted(directory, directory),
                    e);
        }
    }

    Disk disk() {
        return disk;
    }

    /** Everything below had been flushed; 0 when the checkpoint does not say. */
    long checkpointOffset() {
        try (Catalog catalog = new Catalog(disk, DataDirectory.CATALOG)) {
            return catalog.load().map(CatalogContents::physicalOffset).orElse(0L);
        } catch (StoreException e) {
            if (e.error() != StoreError.DAMAGED_CATALOG) throw e;
            return 0; // it is derived: the broker rebuilds it
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (Exception e) {
            throw new CommandException(ExitCodes.FAILED, "the lock of the data directory cannot be released", e);
        }
    }
}
