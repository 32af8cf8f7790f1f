package org.larchmq.store.catalog;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.Randomness;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layout of a data directory, its format version, its id, its lock, and whether the last stop was in order.
 *
 * <p>File "format", 16 bytes, big-endian, written once; file "stopped", the same bytes, there only after a stop in order:
 * <pre>
 * | offset | bytes | field   | meaning                        |
 * |      0 |     4 | crc     | CRC32C of the other 12 bytes   |
 * |      4 |     4 | magic   | "LMQD"                         |
 * |      8 |     4 | version | 2                              |
 * |     12 |     4 | reserved| zero                           |
 * </pre>
 */
public final class DataDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

    public static final String COMMIT_LOG = "commitlog";
    public static final String QUEUES = "queues";
    public static final String CATALOG = "catalog";

    private static final String LOCK = "lock", FORMAT = "format", STOPPED = "stopped";
    private static final int CRC = 0, MAGIC = 4, VERSION = 8, BYTES = 16;
    private static final int MAGIC_VALUE = 0x4C4D5144, CURRENT_VERSION = 2;

    private final Disk disk;
    private final AutoCloseable lock;
    private final StoreId storeId;
    private final boolean stoppedInOrder;

    /** With random numbers of this machine; see {@link #DataDirectory(Disk, Randomness)}. */
    public DataDirectory(Disk disk) {
        this(disk, Randomness.secure());
    }

    /**
     * Creates what is missing and takes the lock.
     *
     * @param randomness makes the id of a new directory
     * @throws StoreException ALREADY_LOCKED, UNSUPPORTED_FORMAT
     */
    public DataDirectory(Disk disk, Randomness randomness) {
        this.disk = disk;
        this.lock = disk.lock(LOCK);
        try {
            for (String directory : new String[] {COMMIT_LOG, QUEUES, CATALOG}) disk.createDirectories(directory);
            checkFormat();
            this.storeId = StoreIdFile.readOrCreate(disk, randomness, isUsed());
            this.stoppedInOrder = disk.exists(STOPPED) && versionIn(STOPPED) == CURRENT_VERSION;
            if (disk.exists(STOPPED) && !stoppedInOrder) {
                LOG.warn("A marker is damaged and is ignored [file={} offset=0]", disk.describe(STOPPED));
            }
            disk.delete(STOPPED);
            disk.syncDirectory("");
        } catch (RuntimeException e) {
            unlock();
            throw e;
        }
    }

    public Disk disk() {
        return disk;
    }

    /** The name of this directory's contents: random, made once, the same at every start. */
    public StoreId storeId() {
        return storeId;
    }

    /** Whether the broker that used the directory last had called {@link #markStopped}. */
    public boolean wasStoppedInOrder() {
        return stoppedInOrder;
    }

    /** Says that everything was closed in order; the last thing before {@link #close}. */
    public void markStopped() {
        writeVersion(STOPPED);
    }

    /** Releases the lock. */
    @Override
    public void close() {
        unlock();
    }

    private boolean isUsed() {
        return !disk.list(COMMIT_LOG).isEmpty();
    }

    private void checkFormat() {
        if (!disk.exists(FORMAT)) {
            if (isUsed()) throw unsupported("the file is missing although the commit log is not empty");
            writeVersion(FORMAT);
            return;
        }
        int version = versionIn(FORMAT);
        if (version == CURRENT_VERSION) return;
        if (version >= 0) throw unsupported("version " + version + ", this one reads " + CURRENT_VERSION);
        if (isUsed()) { // otherwise it was torn at the very first start
            LOG.error(
                    "A file is damaged and is written again, since every log segment names its version too"
                            + " [file={} offset=0]",
                    disk.describe(FORMAT));
        }
        writeVersion(FORMAT);
    }

    /** The version in a file, -1 when it is not what was written. */
    private int versionIn(String path) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        try (DiskFile file = disk.open(path, false)) {
            if (file.read(bytes, 0) != BYTES) return -1;
        }
        boolean valid = bytes.getInt(MAGIC) == MAGIC_VALUE && bytes.getInt(CRC) == checksum(bytes);
        return valid ? bytes.getInt(VERSION) : -1;
    }

    private void writeVersion(String path) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putInt(MAGIC, MAGIC_VALUE).putInt(VERSION, CURRENT_VERSION);
        bytes.putInt(CRC, checksum(bytes));
        try (DiskFile file = disk.open(path, true)) {
            file.write(bytes.clear(), 0);
            file.force(true);
        }
        disk.syncDirectory("");
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), MAGIC, BYTES - MAGIC);
        return (int) crc.getValue();
    }

    private StoreException unsupported(String detail) {
        return new StoreException(StoreError.UNSUPPORTED_FORMAT, disk.describe(FORMAT), 0, detail, null);
    }

    private void unlock() {
        try {
            lock.close();
        } catch (Exception e) {
            throw new StoreException(
                    StoreError.IO_ERROR,
                    disk.describe(LOCK),
                    StoreException.NO_OFFSET,
                    "the lock could not be released",
                    e);
        }
    }
}
