package org.larchmq.store.log;

import java.nio.ByteBuffer;

/**
 * Header of a log entry, 40 bytes, big-endian; the payload follows. An entry occupies a multiple of 8 bytes, the rest
 * is zero, and never crosses a segment.
 * <pre>
 * | offset | bytes | field           | meaning                                                               |
 * |      0 |     4 | crc             | CRC32C of everything behind this field, padding included (for a       |
 * |        |       |                 | FILLER or HOLE of the other 36 header bytes only), XOR physicalOffset |
 * |        |       |                 | / 8 folded to 32 bits                                                 |
 * |      4 |     4 | sizeBytes       | header and payload, without padding                                   |
 * |      8 |     1 | version         | 0xE2: second format                                                   |
 * |      9 |     1 | type            | 1..127 the caller's; 0 FILLER, -1 WATERMARK, -2 HOLE                  |
 * |     10 |     2 | flags           | bit 0: belongs to the head of its segment                             |
 * |     12 |     4 | epoch           | leader epoch, never lower than that of the entry before               |
 * |     16 |     8 | place           | physicalOffset where this entry starts XOR the segment's salt         |
 * |     24 |     8 | timestampMillis | the caller's                                                          |
 * |     32 |     8 | flushedOffset   | everything below was flushed when this entry was completed: watermark |
 * |     40 |     n | payload         | the caller's                                                          |
 * </pre>
 *
 * <p>Place and salt keep apart what the log wrote here from every other byte in the file: from what a file that is used
 * again held before, and from entries that a client made up inside a message. The salt is random and known to nobody
 * outside; it is part of what the checksum covers.
 */
final class EntryFormat {
    static final int CRC = 0, SIZE_BYTES = 4, VERSION = 8, TYPE = 9, FLAGS = 10, EPOCH = 12, PLACE = 16;
    static final int TIMESTAMP_MILLIS = 24, FLUSHED_OFFSET = 32, HEADER_BYTES = 40;
    static final int ALIGNMENT = 8;
    static final byte CURRENT_VERSION = (byte) 0xE2;
    /** No entry is longer, whatever the settings: a bound for what a damaged length can make a reader allocate. */
    static final int LARGEST_ENTRY_BYTES = 64 << 20;

    /** Fills the space behind the last entry of a segment; its payload is not written. */
    static final byte FILLER = 0;
    /** Says only how far the log was flushed. */
    static final byte WATERMARK = -1;
    /** Stands where repair gave up bytes; its payload is whatever was there. */
    static final byte HOLE = -2;

    static final short NO_FLAGS = 0, IN_HEAD = 1;

    private EntryFormat() {}

    /** Bytes that an entry occupies in the log. */
    static int aligned(int sizeBytes) {
        return (sizeBytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Whether the checksum of this type covers the header only. */
    static boolean isHeaderOnly(byte type) {
        return type == FILLER || type == HOLE;
    }

    /** How many bytes from the entry's start the checksum covers up to. */
    static int checkedBytes(byte type, int sizeBytes) {
        return isHeaderOnly(type) ? HEADER_BYTES : aligned(sizeBytes);
    }

    /** Writes everything but flushedOffset and crc, see {@link #complete}. @param place see {@link #place} */
    static void writeHeader(
            ByteBuffer buffer, int at, int sizeBytes, byte type, short flags, int epoch, long place, long millis) {
        buffer.putInt(at + SIZE_BYTES, sizeBytes);
        buffer.put(at + VERSION, CURRENT_VERSION);
        buffer.put(at + TYPE, type);
        buffer.putShort(at + FLAGS, flags);
        buffer.putInt(at + EPOCH, epoch);
        buffer.putLong(at + PLACE, place);
        buffer.putLong(at + TIMESTAMP_MILLIS, millis);
    }

    /** Writes flushedOffset, padding and crc of an entry whose other bytes are there. */
    static void complete(ByteBuffer buffer, int at, long physicalOffset, long flushedOffset, EntryChecksum checksum) {
        int sizeBytes = buffer.getInt(at + SIZE_BYTES);
        int checked = checkedBytes(buffer.get(at + TYPE), sizeBytes);
        for (int i = sizeBytes; i < checked; i++) buffer.put(at + i, (byte) 0);
        buffer.putLong(at + FLUSHED_OFFSET, flushedOffset);
        buffer.putInt(at + CRC, crc(buffer, at, checked, physicalOffset, checksum));
    }

    /** What an entry at an offset of a segment with that salt has in its field place. */
    static long place(long physicalOffset, long salt) {
        return physicalOffset ^ salt;
    }

    /** The checksum of an entry whose bytes up to {@code checkedBytes} from its start are there. */
    static int crc(ByteBuffer buffer, int at, int checkedBytes, long physicalOffset, EntryChecksum checksum) {
        long slot = physicalOffset / ALIGNMENT;
        return checksum.of(buffer, at + SIZE_BYTES, at + checkedBytes) ^ (int) slot ^ (int) (slot >>> 32);
    }

    /** Whether the header at a position names its place and has a possible length; 40 bytes must be there. */
    static boolean isPlausible(ByteBuffer buffer, int at, long physicalOffset, long salt, long segmentEndOffset) {
        if (buffer.getLong(at + PLACE) != place(physicalOffset, salt)) return false;
        return hasPossibleSize(buffer, at, physicalOffset, segmentEndOffset);
    }

    /** Whether the header has a known version and a possible length. */
    static boolean hasPossibleSize(ByteBuffer buffer, int at, long physicalOffset, long segmentEndOffset) {
        if (buffer.get(at + VERSION) != CURRENT_VERSION) return false;
        int sizeBytes = buffer.getInt(at + SIZE_BYTES);
        if (sizeBytes < HEADER_BYTES || sizeBytes > segmentEndOffset - physicalOffset) return false;
        return isHeaderOnly(buffer.get(at + TYPE)) || sizeBytes <= LARGEST_ENTRY_BYTES;
    }
}
