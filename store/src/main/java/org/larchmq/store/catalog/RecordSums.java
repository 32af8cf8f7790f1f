package org.larchmq.store.catalog;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Checksums of catalog records. The combined one is a sum, so that it can follow puts and deletes in any order. */
final class RecordSums {
    private RecordSums() {}

    /** CRC32C of section, id and data. */
    static int of(CatalogKey key, byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(key.section().getBytes(StandardCharsets.UTF_8));
        crc.update(0);
        for (int shift = 56; shift >= 0; shift -= 8) crc.update((int) (key.id() >>> shift));
        crc.update(data, 0, data.length);
        return (int) crc.getValue();
    }

    /** What a record adds to the combined checksum: its own, spread over 64 bits. */
    static long share(int recordSum) {
        long mixed = (recordSum & 0xFFFFFFFFL) * 0x9E3779B97F4A7C15L;
        mixed ^= mixed >>> 32;
        return mixed * 0xD6E8FEB86659FD93L;
    }

    /** CRC32C of the root row's numbers. */
    static int ofRoot(long generation, long physicalOffset, long recordCount, long combined) {
        CRC32C crc = new CRC32C();
        for (long value : new long[] {generation, physicalOffset, recordCount, combined}) {
            for (int shift = 56; shift >= 0; shift -= 8) crc.update((int) (value >>> shift));
        }
        return (int) crc.getValue();
    }
}
