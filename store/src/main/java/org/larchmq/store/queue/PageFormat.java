package org.larchmq.store.queue;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A page of a consume queue, 4096 bytes, big-endian; 203 rows of 20 bytes, the rest zero.
 * <pre>
 * | offset | bytes | field            | meaning                                         |
 * |      0 |     4 | crc              | CRC32C of the other 4092 bytes                  |
 * |      4 |     4 | magic            | "LMQP"                                          |
 * |      8 |     4 | version          | 1                                               |
 * |     12 |     4 | rowCount         | rows in the page                                |
 * |     16 |     8 | queueId          | the queue                                       |
 * |     24 |     8 | firstQueueOffset | queueOffset of the first row                    |
 * |     32 |  4060 | rows             |                                                 |
 * | in each row:                                                                        |
 * |      0 |     8 | physicalOffset   | where the message's entry starts in the log     |
 * |      8 |     4 | sizeBytes        | length of that entry, header included           |
 * |     12 |     4 | tagHash          | hash of the message's tag                       |
 * |     16 |     4 | flags            | the caller's                                    |
 * </pre>
 */
final class PageFormat {
    static final int PAGE_BYTES = 4096;
    static final int CRC = 0, MAGIC = 4, VERSION = 8, ROW_COUNT = 12, QUEUE_ID = 16, FIRST_QUEUE_OFFSET = 24, ROWS = 32;
    static final int PHYSICAL_OFFSET = 0, SIZE_BYTES = 8, TAG_HASH = 12, FLAGS = 16, ROW_BYTES = 20;
    static final int ROWS_PER_PAGE = (PAGE_BYTES - ROWS) / ROW_BYTES;
    static final int MAGIC_VALUE = 0x4C4D5150, FIRST_VERSION = 1;

    private PageFormat() {}

    /** Builds a full page from 203 rows. */
    static void encode(ByteBuffer page, long queueId, long firstQueueOffset, byte[] rows) {
        page.clear();
        page.putInt(MAGIC, MAGIC_VALUE).putInt(VERSION, FIRST_VERSION).putInt(ROW_COUNT, ROWS_PER_PAGE);
        page.putLong(QUEUE_ID, queueId).putLong(FIRST_QUEUE_OFFSET, firstQueueOffset);
        page.put(ROWS, rows, 0, ROWS_PER_PAGE * ROW_BYTES);
        for (int i = ROWS + ROWS_PER_PAGE * ROW_BYTES; i < PAGE_BYTES; i++) page.put(i, (byte) 0);
        seal(page);
    }

    /** Writes the checksum. */
    static void seal(ByteBuffer page) {
        page.putInt(CRC, checksum(page));
    }

    static boolean isValid(ByteBuffer page, long queueId, long firstQueueOffset) {
        return page.getInt(MAGIC) == MAGIC_VALUE
                && page.getInt(VERSION) == FIRST_VERSION
                && page.getInt(ROW_COUNT) == ROWS_PER_PAGE
                && page.getLong(QUEUE_ID) == queueId
                && page.getLong(FIRST_QUEUE_OFFSET) == firstQueueOffset
                && page.getInt(CRC) == checksum(page);
    }

    /** Whether it is a page of some queue, or was never written. */
    static boolean isWholeOrEmpty(ByteBuffer page) {
        boolean whole = page.getInt(MAGIC) == MAGIC_VALUE
                && page.getInt(VERSION) == FIRST_VERSION
                && page.getInt(ROW_COUNT) == ROWS_PER_PAGE
                && page.getInt(CRC) == checksum(page);
        return whole || page.clear().mismatch(ByteBuffer.allocate(PAGE_BYTES)) < 0;
    }

    private static int checksum(ByteBuffer page) {
        CRC32C crc = new CRC32C();
        crc.update(page.clear().position(MAGIC));
        page.clear();
        return (int) crc.getValue();
    }
}
