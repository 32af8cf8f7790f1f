package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file "closed": says that the log was closed in order and where it ended; removed before the next append. 32 bytes.
 * <pre>
 * | offset | bytes | field        | meaning                                       |
 * |      0 |     4 | crc          | CRC32C of the other 28 bytes                  |
 * |      4 |     4 | magic        | "LMQC"                                        |
 * |      8 |     4 | version      | 1                                             |
 * |     12 |     4 | headComplete | 1 when the last segment's head is complete    |
 * |     16 |     8 | endOffset    | behind the last entry                         |
 * |     24 |     8 | reserved     | zero                                          |
 * </pre>
 */
record CloseMarker(long endOffset, boolean headComplete) {
    private static final Logger LOG = LoggerFactory.getLogger(CloseMarker.class);
    private static final int CRC = 0, MAGIC = 4, VERSION = 8, HEAD_COMPLETE = 12, END_OFFSET = 16, BYTES = 32;
    private static final int MAGIC_VALUE = 0x4C4D5143, FIRST_VERSION = 1;

    static String path(String directory) {
        return directory + "/closed";
    }

    /** Reads the marker; a damaged one counts as none. */
    static Optional<CloseMarker> read(Disk disk, String directory) {
        if (!disk.exists(path(directory))) return Optional.empty();
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        try (DiskFile file = disk.open(path(directory), false)) {
            if (file.size() != BYTES || file.read(bytes, 0) != BYTES) return damaged(disk, directory);
        }
        boolean valid = bytes.getInt(MAGIC) == MAGIC_VALUE
                && bytes.getInt(VERSION) == FIRST_VERSION
                && bytes.getInt(CRC) == EntryChecksum.crc32c().of(bytes, MAGIC, BYTES);
        if (!valid) return damaged(disk, directory);
        return Optional.of(new CloseMarker(bytes.getLong(END_OFFSET), bytes.getInt(HEAD_COMPLETE) == 1));
    }

    private static Optional<CloseMarker> damaged(Disk disk, String directory) {
        LOG.warn(
                "A marker is damaged [file={} offset=0]; the log is read as after a stop that was not in order",
                disk.describe(path(directory)));
        return Optional.empty();
    }

    /** Durable on return. */
    void write(Disk disk, String directory) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putInt(MAGIC, MAGIC_VALUE).putInt(VERSION, FIRST_VERSION);
        bytes.putInt(HEAD_COMPLETE, headComplete ? 1 : 0).putLong(END_OFFSET, endOffset);
        bytes.putInt(CRC, EntryChecksum.crc32c().of(bytes, MAGIC, BYTES));
        try (DiskFile file = disk.open(path(directory), true)) {
            file.write(bytes.clear(), 0);
            file.force(true);
        }
        disk.syncDirectory(directory);
    }

    /** Durable on return, also when a process that died had removed it: a marker that came back would hide entries. */
    static void remove(Disk disk, String directory) {
        if (disk.exists(path(directory))) disk.delete(path(directory));
        disk.syncDirectory(directory);
    }
}
