package org.larchmq.store.catalog;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file "sums" beside the database: a checksum per block of the database's file as the last close in order left it.
 * H2 reads over flipped bits in parts of its file that it does not need; this sees them. Removed before H2 writes again.
 * Big-endian:
 * <pre>
 * | offset | bytes | field     | meaning                                            |
 * |      0 |     4 | crc       | CRC32C of everything behind this field             |
 * |      4 |     4 | magic     | "LMQB"                                             |
 * |      8 |     8 | fileBytes | length of the database's file                      |
 * |     16 |   4 n | sums      | CRC32C of each 4096 bytes of it, the last may be shorter |
 * </pre>
 */
final class CatalogSums {
    private static final Logger LOG = LoggerFactory.getLogger(CatalogSums.class);
    private static final int CRC = 0, MAGIC = 4, FILE_BYTES = 8, SUMS = 16, MAGIC_VALUE = 0x4C4D5142;
    private static final int BLOCK_BYTES = 4096;
    private static final int LARGEST_BYTES = 64 << 20;

    private final Disk disk;
    private final String directory;
    private final String path;
    private final String database;

    /** @param database path of the database's file, as the disk knows it */
    CatalogSums(Disk disk, String directory, String database) {
        this.disk = disk;
        this.directory = directory;
        this.path = directory + "/sums";
        this.database = database;
    }

    /** Makes the database's file durable, then says what it is. The database must be closed. */
    void write() {
        ByteBuffer sums;
        try (DiskFile file = disk.open(database, false)) {
            file.force(true);
            sums = sumsOf(file);
        }
        if (sums.capacity() > LARGEST_BYTES) return;
        try (DiskFile file = disk.open(path, true)) {
            file.truncate(0);
            file.write(sums.clear(), 0);
            file.force(true);
        }
        disk.syncDirectory(directory);
    }

    /** Whether the database's file is what the last close in order left, as far as that is known; reports what differs. */
    boolean isDatabaseIntact() {
        if (!disk.exists(path) || !disk.exists(database)) return true;
        ByteBuffer expected = read();
        if (expected == null) return true;
        ByteBuffer found;
        try (DiskFile file = disk.open(database, false)) {
            found = sumsOf(file);
        }
        if (found.equals(expected)) return true;
        int ends = Math.min(found.capacity(), expected.capacity());
        int at = SUMS;
        while (at < ends && found.getInt(at) == expected.getInt(at)) at += Integer.BYTES;
        LOG.warn(
                "The catalog's file is not what the last stop left: it has {} bytes, {} then; it is derived, so nothing is"
                        + " lost, and it is written again [file={} offset={}]",
                found.getLong(FILE_BYTES),
                expected.getLong(FILE_BYTES),
                disk.describe(database),
                (long) (at - SUMS) / Integer.BYTES * BLOCK_BYTES);
        return false;
    }

    /** Durable on return. */
    void delete() {
        if (!disk.exists(path)) return;
        disk.delete(path);
        disk.syncDirectory(directory);
    }

    /** Null when the file is not what was written. */
    private ByteBuffer read() {
        try (DiskFile file = disk.open(path, false)) {
            long size = file.size();
            if (size >= SUMS && size <= LARGEST_BYTES) {
                ByteBuffer bytes = ByteBuffer.allocate((int) size);
                file.read(bytes, 0);
                bytes.clear();
                if (bytes.getInt(MAGIC) == MAGIC_VALUE && bytes.getInt(CRC) == checksum(bytes)) return bytes;
            }
        }
        LOG.warn(
                "A file of checksums is damaged and is ignored; the catalog is checked by its records alone"
                        + " [file={} offset=0]",
                disk.describe(path));
        return null;
    }

    private static ByteBuffer sumsOf(DiskFile file) {
        long fileBytes = file.size();
        int blocks = Math.toIntExact((fileBytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
        ByteBuffer sums = ByteBuffer.allocate(SUMS + blocks * Integer.BYTES);
        sums.putInt(MAGIC, MAGIC_VALUE).putLong(FILE_BYTES, fileBytes);
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        CRC32C crc = new CRC32C();
        for (int i = 0; i < blocks; i++) {
            file.read(block.clear(), (long) i * BLOCK_BYTES);
            crc.reset();
            crc.update(block.flip());
            sums.putInt(SUMS + i * Integer.BYTES, (int) crc.getValue());
        }
        sums.putInt(CRC, checksum(sums));
        return sums;
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), MAGIC, bytes.capacity() - MAGIC);
        return (int) crc.getValue();
    }
}
