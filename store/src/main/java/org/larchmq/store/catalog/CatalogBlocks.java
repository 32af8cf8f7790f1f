package org.larchmq.store.catalog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.larchmq.store.io.DiskFile;

/**
 * The blocks of a catalog file. A write is one block or several; it counts only when its last one is there. Big-endian:
 * <pre>
 * | offset | bytes | field          | meaning                                                        |
 * |      0 |     4 | crc            | CRC32C of everything behind this field                         |
 * |      4 |     4 | magic          | "LMQC"                                                         |
 * |      8 |     4 | bytes          | length of the block with this header                           |
 * |     12 |     4 | flags          | 1: the write's last block                                      |
 * |     16 |     8 | generation     | number of the write, 1...                                      |
 * |     24 |     8 | physicalOffset | the checkpoint adds up the log's entries below it              |
 * |     32 |     4 | records        | how many follow                                                |
 * |     36 |     4 | reserved       | zero                                                           |
 * </pre>
 * A record: length of its section 1, section in UTF-8, id 8, length of its data 4 (-1: the record is gone), data.
 */
final class CatalogBlocks {
    private static final int CRC = 0, MAGIC = 4, BYTES = 8, FLAGS = 12, GENERATION = 16, PHYSICAL_OFFSET = 24;
    private static final int RECORDS = 32, HEADER_BYTES = 40;
    private static final int MAGIC_VALUE = 0x4C4D5143;
    private static final int LAST = 1;
    private static final int RECORD_BYTES = 1 + 8 + 4; // and the section and data
    private static final int GONE = -1;
    private static final int FULL_BLOCK_BYTES = 256 << 10;
    /** A record that is larger is a bug in us, not a state that a broker can have. */
    private static final int LARGEST_DATA_BYTES = 1 << 30;

    private CatalogBlocks() {}

    /**
     * @param data   null when the record is gone
     * @param offset where it stands in the file
     * @param bytes  what it takes there
     */
    record Record(CatalogKey key, byte[] data, long offset, long bytes) {}

    /** Appends one write. Nothing is durable before the file is forced. */
    static final class Writer {
        private final DiskFile file;
        private final long generation;
        private final long physicalOffset;
        private long blockOffset;
        private int records;
        private ByteBuffer block = ByteBuffer.allocate(4096).position(HEADER_BYTES);

        Writer(DiskFile file, long offset, long generation, long physicalOffset) {
            this.file = file;
            this.blockOffset = offset;
            this.generation = generation;
            this.physicalOffset = physicalOffset;
        }

        Record put(CatalogKey key, byte[] data) {
            if (data.length > LARGEST_DATA_BYTES) {
                throw new IllegalArgumentException("record " + key + " has " + data.length + " bytes");
            }
            return add(key, data);
        }

        Record delete(CatalogKey key) {
            return add(key, null);
        }

        /** Writes what is left; returns the offset behind it. */
        long finish() {
            writeBlock(LAST);
            return blockOffset;
        }

        private Record add(CatalogKey key, byte[] data) {
            byte[] section = key.section().getBytes(StandardCharsets.UTF_8);
            int bytes = RECORD_BYTES + section.length + (data == null ? 0 : data.length);
            if (records > 0 && block.position() + (long) bytes > FULL_BLOCK_BYTES) writeBlock(0);
            reserve(bytes);
            Record record = new Record(key, data, blockOffset + block.position(), bytes);
            block.put((byte) section.length).put(section).putLong(key.id());
            if (data == null) block.putInt(GONE);
            else block.putInt(data.length).put(data);
            records++;
            return record;
        }

        private void reserve(int bytes) {
            if (block.remaining() >= bytes) return;
            int capacity = Math.max(block.position() + bytes, Math.min(2 * block.capacity(), FULL_BLOCK_BYTES));
            block = ByteBuffer.allocate(capacity).put(block.flip());
        }

        private void writeBlock(int flags) {
            int bytes = block.position();
            block.putInt(MAGIC, MAGIC_VALUE)
                    .putInt(BYTES, bytes)
                    .putInt(FLAGS, flags)
                    .putLong(GENERATION, generation)
                    .putLong(PHYSICAL_OFFSET, physicalOffset)
                    .putInt(RECORDS, records);
            block.putInt(CRC, checksum(block.array(), bytes));
            file.write(block.flip(), blockOffset);
            blockOffset += bytes;
            block.clear().position(HEADER_BYTES);
            records = 0;
        }
    }

    /** Reads block after block, up to the first that is not what was written. */
    static final class Reader {
        private final DiskFile file;
        private final long fileBytes;
        private ByteBuffer block = ByteBuffer.allocate(HEADER_BYTES);
        private long endOffset;
        private List<Record> records = List.of();

        Reader(DiskFile file) {
            this.file = file;
            this.fileBytes = file.size();
        }

        /** False at the end of what is valid; then everything but {@link #endOffset} is without meaning. */
        boolean next() {
            long left = fileBytes - endOffset;
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            if (left < HEADER_BYTES || file.read(header, endOffset) < HEADER_BYTES) return false;
            int bytes = header.getInt(BYTES);
            if (header.getInt(MAGIC) != MAGIC_VALUE || bytes < HEADER_BYTES || bytes > left) return false;
            block = ByteBuffer.allocate(bytes);
            if (file.read(block, endOffset) < bytes || block.getInt(CRC) != checksum(block.array(), bytes))
                return false;
            if (!parse()) return false;
            endOffset += bytes;
            return true;
        }

        boolean isLast() {
            return (block.getInt(FLAGS) & LAST) != 0;
        }

        long generation() {
            return block.getLong(GENERATION);
        }

        long physicalOffset() {
            return block.getLong(PHYSICAL_OFFSET);
        }

        List<Record> records() {
            return records;
        }

        /** Behind the last valid block. */
        long endOffset() {
            return endOffset;
        }

        /** False for what {@link Writer} does not write, whatever its checksum says. */
        private boolean parse() {
            if (physicalOffset() < 0) return false;
            records = new ArrayList<>();
            block.position(HEADER_BYTES);
            while (block.hasRemaining()) {
                int start = block.position();
                int sectionBytes = block.get() & 0xFF;
                if (block.remaining() < sectionBytes + 8 + 4) return false;
                String section = StandardCharsets.UTF_8
                        .decode(block.slice(block.position(), sectionBytes))
                        .toString();
                if (section.isEmpty() || section.length() > CatalogKey.LONGEST_SECTION) return false;
                CatalogKey key = new CatalogKey(
                        section, block.position(block.position() + sectionBytes).getLong());
                int length = block.getInt();
                if (length < GONE || length > block.remaining()) return false;
                byte[] data = length == GONE ? null : new byte[length];
                if (data != null) block.get(data);
                records.add(new Record(key, data, endOffset + start, block.position() - start));
            }
            return records.size() == block.getInt(RECORDS);
        }
    }

    private static int checksum(byte[] block, int bytes) {
        CRC32C crc = new CRC32C();
        crc.update(block, MAGIC, bytes - MAGIC);
        return (int) crc.getValue();
    }
}
