package org.larchmq.store.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.store.Warnings;

class NioDiskTest {
    @TempDir
    Path directory;

    @Test
    void aSecondLockNamesTheHolder() throws Exception {
        NioDisk disk = new NioDisk(directory);
        try (AutoCloseable held = disk.lock("lock")) {
            assertThatThrownBy(() -> disk.lock("lock"))
                    .hasMessageContaining("ALREADY_LOCKED")
                    .hasMessageContaining(
                            "held by process " + ProcessHandle.current().pid() + " ");
        }
        disk.lock("lock").close();
    }

    @Test
    void everyFlippedBitOfALockFileIsReportedAndHindersNobody() throws Exception {
        NioDisk disk = new NioDisk(directory);
        disk.lock("lock").close();
        Path file = directory.resolve("lock");
        byte[] good = Files.readAllBytes(file);
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, bad);
            try (Warnings warnings = new Warnings();
                    AutoCloseable held = disk.lock("lock")) {
                assertThat(warnings.all())
                        .as("bit %d", bit)
                        .singleElement()
                        .asString()
                        .contains("[file=" + file + " offset=0]");
            }
        }
        try (Warnings warnings = new Warnings();
                AutoCloseable held = disk.lock("lock")) {
            assertThat(warnings.all()).isEmpty();
        }
    }
}
