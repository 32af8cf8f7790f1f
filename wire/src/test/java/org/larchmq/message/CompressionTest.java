package org.larchmq.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CompressionTest {
    @Test
    void numbersAndFlagsAreThoseOfTheDocumentation() {
        assertEquals(1, Compression.LZ4.number());
        assertEquals(2, Compression.ZSTD.number());
        assertEquals(8, Compression.LZ4.flag());
        assertEquals(16, Compression.ZSTD.flag());
    }

    @Test
    void theFlagsOfAMessageNameOneAlgorithmOrNone() {
        for (int flags = 0; flags < 256; flags++) {
            Compression expected = switch (flags & 24) {
                case 8 -> Compression.LZ4;
                case 16 -> Compression.ZSTD;
                default -> null;
            };
            if (expected == null) assertNull(Compression.ofFlags((byte) flags));
            else assertEquals(expected, Compression.ofFlags((byte) flags));
        }
    }

    @Test
    void setsAreReadAsTheyAreWritten() {
        for (int set = Compression.NONE; set <= Compression.ALL; set++) {
            assertEquals(set, Compression.set(Compression.text(set)));
        }
        assertEquals("none", Compression.text(Compression.NONE));
        assertEquals(Compression.ALL, Compression.set("zstd, lz4"));
        assertTrue(Compression.LZ4.isIn(Compression.ALL));
        assertFalse(Compression.LZ4.isIn(Compression.set("zstd")));
        for (String wrong : new String[] {"", "gzip", "none,lz4", "lz4,", "LZ4"}) {
            assertThrows(IllegalArgumentException.class, () -> Compression.set(wrong), wrong);
        }
    }
}
