package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The checksum of entries and headers; a seam, so that a test can show what happens without one. One thread each. */
interface EntryChecksum {
    /** Checksum of the bytes from..to, absolute positions; leaves the buffer cleared. */
    int of(ByteBuffer buffer, int from, int to);

    /** CRC32C, a fresh instance. */
    static EntryChecksum crc32c() {
        CRC32C crc = new CRC32C();
        return (buffer, from, to) -> {
            crc.reset();
            buffer.limit(to).position(from);
            crc.update(buffer);
            buffer.clear();
            return (int) crc.getValue();
        };
    }
}
