package org.larchmq.store.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.SimulatedDisk;

/** The byte tables against bytes kept in a file: a difference is a new format version. */
class FormatTest {
    @Test
    void aSegmentWithTwoEntriesLooksAsItDidInTheSecondVersion() throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        CommitLog log = LogFixture.create(disk);
        log.recover(0, (o, s, t, e, m, p) -> {});
        log.setEpoch(7);
        log.begin((byte) 1, 5, 1_700_000_000_123L).put("hello".getBytes(StandardCharsets.US_ASCII));
        log.end();
        LogFixture.flush(log);
        log.begin((byte) 2, 8, 1_700_000_000_456L).putLong(-1);
        log.end();
        log.write();
        ByteBuffer bytes = ByteBuffer.allocate((int) log.endOffset());
        disk.open("commitlog/" + Segment.fileName(0), false).read(bytes, 0);
        assertThat(HexFormat.of().formatHex(bytes.array())).isEqualTo(kept("segment-v2.hex"));
    }

    @Test
    void entryHeadersRoundTrip() {
        Random random = new Random(3);
        EntryChecksum checksum = EntryChecksum.crc32c();
        for (int i = 0; i < 1000; i++) {
            int size = EntryFormat.HEADER_BYTES + random.nextInt(500);
            long offset = random.nextInt(1 << 20) * 8L;
            byte type = (byte) (1 + random.nextInt(127));
            int epoch = random.nextInt();
            long salt = random.nextLong();
            long millis = random.nextLong();
            ByteBuffer buffer = ByteBuffer.allocate(EntryFormat.aligned(size));
            EntryFormat.writeHeader(
                    buffer, 0, size, type, EntryFormat.IN_HEAD, epoch, EntryFormat.place(offset, salt), millis);
            EntryFormat.complete(buffer, 0, offset, offset / 2, checksum);
            assertThat(EntryFormat.isPlausible(buffer, 0, offset, salt, offset + size))
                    .isTrue();
            assertThat(EntryFormat.isPlausible(buffer, 0, offset, salt, offset + size - 1))
                    .isFalse();
            assertThat(EntryFormat.isPlausible(buffer, 0, offset + 8, salt, offset + 8 + size))
                    .isFalse();
            assertThat(buffer.getInt(EntryFormat.EPOCH)).isEqualTo(epoch);
            assertThat(buffer.getLong(EntryFormat.TIMESTAMP_MILLIS)).isEqualTo(millis);
            assertThat(buffer.getLong(EntryFormat.FLUSHED_OFFSET)).isEqualTo(offset / 2);
        }
    }

    @Test
    void everyFlippedBitOfASegmentHeaderIsSeen() {
        EntryChecksum checksum = EntryChecksum.crc32c();
        ByteBuffer header = SegmentHeader.encode(8192, 4096, SegmentHeader.NO_FLAGS, 77, checksum);
        assertThat(SegmentHeader.isValid(header, 8192, checksum)).isTrue();
        assertThat(SegmentHeader.isValid(header, 4096, checksum)).isFalse();
        for (int bit = 0; bit < SegmentHeader.HEADER_BYTES * 8; bit++) {
            byte[] bytes = Arrays.copyOf(header.array(), SegmentHeader.HEADER_BYTES);
            bytes[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(SegmentHeader.isValid(ByteBuffer.wrap(bytes), 8192, checksum))
                    .as("bit %d", bit)
                    .isFalse();
        }
    }

    private static String kept(String name) throws IOException {
        try (InputStream in = FormatTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");
        }
    }
}
