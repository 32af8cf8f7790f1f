package org.larchmq.store.catalog;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.Randomness;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file "id" of a data directory: its {@link StoreId}. 32 bytes, big-endian.
 * <pre>
 * | offset | bytes | field   | meaning                        |
 * |      0 |     4 | crc     | CRC32C of the other 28 bytes   |
 * |      4 |     4 | magic   | "LMQI"                         |
 * |      8 |     4 | version | 1                              |
 * |     12 |     4 | reserved| zero                           |
 * |     16 |    16 | id      | random                         |
 * </pre>
 */
final class StoreIdFile {
    private static final Logger LOG = LoggerFactory.getLogger(StoreIdFile.class);
    private static final String PATH = "id";
    private static final int CRC = 0, MAGIC = 4, VERSION = 8, ID = 16, BYTES = 32;
    private static final int MAGIC_VALUE = 0x4C4D5149, FIRST_VERSION = 1;

    private StoreIdFile() {}

    /**
     * The id of the directory, durable on return. A missing or damaged file gets a new id: clients then learn that their
     * broker does not know what the one before knew, which is the safe answer.
     *
     * @param used whether the directory holds messages, so that a missing id is worth a warning
     */
    static StoreId readOrCreate(Disk disk, Randomness randomness, boolean used) {
        Optional<StoreId> known = read(disk);
        if (known.isEmpty() && used) {
            LOG.warn(
                    "The id of the store is missing or damaged and a new one is made: clients that wait for the outcome of"
                            + " a commit are told that it is not known [file={} offset=0]",
                    disk.describe(PATH));
        }
        StoreId id = known.orElseGet(() -> StoreId.random(randomness));
        // known or not: a process that died may have left it in the operating system's memory only
        write(disk, id, known.isPresent());
        return id;
    }

    private static Optional<StoreId> read(Disk disk) {
        if (!disk.exists(PATH)) return Optional.empty();
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        try (DiskFile file = disk.open(PATH, false)) {
            if (file.size() != BYTES || file.read(bytes, 0) != BYTES) return Optional.empty();
        }
        boolean valid = bytes.getInt(MAGIC) == MAGIC_VALUE
                && bytes.getInt(VERSION) == FIRST_VERSION
                && bytes.getInt(CRC) == checksum(bytes);
        return valid ? Optional.of(new StoreId(bytes.getLong(ID), bytes.getLong(ID + 8))) : Optional.empty();
    }

    private static void write(Disk disk, StoreId id, boolean known) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putInt(MAGIC, MAGIC_VALUE).putInt(VERSION, FIRST_VERSION);
        bytes.putLong(ID, id.high()).putLong(ID + 8, id.low());
        bytes.putInt(CRC, checksum(bytes));
        try (DiskFile file = disk.open(PATH, true)) {
            try {
                file.truncate(BYTES);
                file.write(bytes.clear(), 0);
            } catch (StoreException e) {
                if (!known || e.error() != StoreError.DISK_FULL)
                    throw e; // a full disk keeps no known store from starting
            }
            file.force(true);
        }
        disk.syncDirectory("");
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), MAGIC, BYTES - MAGIC);
        return (int) crc.getValue();
    }
}
