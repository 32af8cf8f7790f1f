package org.larchmq.store.catalog;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * The file "anchor": how many writes the catalog must hold. What is left of a file whose end is damaged is whole and
 * plausible; this says that something is missing. 32 bytes, big-endian.
 * <pre>
 * | offset | bytes | field      | meaning                                |
 * |      0 |     4 | crc        | CRC32C of the other 28 bytes           |
 * |      4 |     4 | magic      | "LMQA"                                 |
 * |      8 |     8 | generation | number of the last durable write, 1... |
 * |     16 |    16 | reserved   | zero                                   |
 * </pre>
 */
final class CatalogAnchor {
    static final long DAMAGED = -1;
    private static final int CRC = 0, MAGIC = 4, GENERATION = 8, BYTES = 32, MAGIC_VALUE = 0x4C4D5141;

    private final Disk disk;
    private final String directory;
    private final String path;

    CatalogAnchor(Disk disk, String directory) {
        this.disk = disk;
        this.directory = directory;
        this.path = directory + "/anchor";
    }

    /** The last durable write, 0 when there was none, {@link #DAMAGED} when the file is not what was written. */
    long read() {
        if (!disk.exists(path)) return 0;
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        try (DiskFile file = disk.open(path, false)) {
            int count = file.read(bytes, 0);
            if (count == 0) return 0; // a power loss while the first one was written
            if (count != BYTES) return DAMAGED;
        }
        boolean valid = bytes.getInt(MAGIC) == MAGIC_VALUE && bytes.getInt(CRC) == checksum(bytes);
        return valid ? bytes.getLong(GENERATION) : DAMAGED;
    }

    /** Durable on return. */
    void write(long generation) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putInt(MAGIC, MAGIC_VALUE).putLong(GENERATION, generation);
        bytes.putInt(CRC, checksum(bytes));
        boolean created = !disk.exists(path);
        try (DiskFile file = disk.open(path, true)) {
            file.write(bytes.clear(), 0);
            file.force(true);
        }
        if (created || generation == 1) disk.syncDirectory(directory);
    }

    StoreException damaged() {
        return new StoreException(
                StoreError.DAMAGED_CATALOG, disk.describe(path), 0, "the anchor is not what was written", null);
    }

    void delete() {
        disk.delete(path);
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), MAGIC, BYTES - MAGIC);
        return (int) crc.getValue();
    }
}
