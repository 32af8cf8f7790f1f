package org.larchmq.store.log;

import java.nio.ByteBuffer;

/**
 * Header of a segment file, 64 bytes, big-endian. The file is named by its base offset, 20 digits and ".log"; the entry
 * at physicalOffset p stands at file position p - baseOffset.
 * <pre>
 * | offset | bytes | field      | meaning                                                              |
 * |      0 |     4 | crc        | CRC32C of the other 60 bytes                                         |
 * |      4 |     4 | magic      | "LMQS"                                                               |
 * |      8 |     4 | version    | 2                                                                    |
 * |     12 |     4 | flags      | bit 0: begins inside a head, or without one, so it cannot be the     |
 * |        |       |            | first one retained                                                   |
 * |        |       |            | bit 1: made from a used file, whose old bytes stand behind the end   |
 * |     16 |     8 | baseOffset | physicalOffset of the first byte of the file                         |
 * |     24 |     8 | sizeBytes  | length of the segment, of which the file may have only a first part  |
 * |     32 |     8 | salt       | random; part of every entry of the segment, see {@link EntryFormat}  |
 * |     40 |    24 | reserved   | zero                                                                 |
 * </pre>
 */
final class SegmentHeader {
    static final int CRC = 0, MAGIC = 4, VERSION = 8, FLAGS = 12, BASE_OFFSET = 16, SIZE_BYTES = 24, SALT = 32;
    static final int HEADER_BYTES = 64;
    static final int MAGIC_VALUE = 0x4C4D5153, CURRENT_VERSION = 2;
    static final int NO_FLAGS = 0, NOT_FIRST = 1, RECYCLED = 2;

    private SegmentHeader() {}

    static ByteBuffer encode(long baseOffset, long sizeBytes, int flags, long salt, EntryChecksum checksum) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putInt(MAGIC, MAGIC_VALUE);
        header.putInt(VERSION, CURRENT_VERSION);
        header.putInt(FLAGS, flags);
        header.putLong(BASE_OFFSET, baseOffset);
        header.putLong(SIZE_BYTES, sizeBytes);
        header.putLong(SALT, salt);
        header.putInt(CRC, checksum.of(header, MAGIC, HEADER_BYTES));
        return header.clear();
    }

    /** Whether the 64 bytes at position 0 are the header of the segment with that base offset. */
    static boolean isValid(ByteBuffer header, long baseOffset, EntryChecksum checksum) {
        if (header.getInt(VERSION) != CURRENT_VERSION || header.getLong(BASE_OFFSET) != baseOffset) return false;
        long sizeBytes = header.getLong(SIZE_BYTES);
        if (sizeBytes <= HEADER_BYTES || sizeBytes > (1L << 30) || sizeBytes % EntryFormat.ALIGNMENT != 0) return false;
        return isWhole(header, checksum);
    }

    /** Whether the 64 bytes are the header of some segment, of some version: as of a file before it is used again. */
    static boolean isWhole(ByteBuffer header, EntryChecksum checksum) {
        return header.getInt(MAGIC) == MAGIC_VALUE && header.getInt(CRC) == checksum.of(header, MAGIC, HEADER_BYTES);
    }
}
