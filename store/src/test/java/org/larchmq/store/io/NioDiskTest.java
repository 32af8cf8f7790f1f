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
    void aDataDirectoryThatIsAFileOrLiesBelowOneSaysSo() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        for (Path data : new Path[] {file, file.resolve("data")}) {
            assertThatThrownBy(() -> new NioDisk(data))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.error()).isEqualTo(StoreError.BAD_PATH))
                    .hasMessageContaining(data.toString())
                    .hasMessageNotContaining("cabling");
        }
    }

    @Test
    void failuresOfTheOperatingSystemAreToldApart() {
        assertThat(error(new java.nio.file.AccessDeniedException("/no space left/x")))
                .isEqualTo(StoreError.NO_PERMISSION);
        assertThat(error(new java.io.IOException("Permission denied"))).isEqualTo(StoreError.NO_PERMISSION);
        assertThat(error(new java.nio.file.FileSystemException("/x", null, "Read-only file system")))
                .isEqualTo(StoreError.NO_PERMISSION);
        assertThat(error(new java.nio.file.FileSystemException("/x", null, "Too many open files")))
                .isEqualTo(StoreError.TOO_MANY_OPEN_FILES);
        assertThat(error(new java.nio.file.FileSystemException("/x", null, "Too many open files in system")))
                .isEqualTo(StoreError.TOO_MANY_OPEN_FILES);
        assertThat(error(new java.nio.file.FileSystemException("/x", null, "Not a directory")))
                .isEqualTo(StoreError.BAD_PATH);
        assertThat(error(new java.io.IOException("No space left on device"))).isEqualTo(StoreError.DISK_FULL);
        assertThat(error(new java.nio.file.FileSystemException("/too many open files", null, "Input/output error")))
                .isEqualTo(StoreError.IO_ERROR);
        assertThat(NioFailures.of(new java.nio.file.AccessDeniedException("/data"), "/data", -1))
                .hasMessageContaining("permission denied: /data")
                .hasMessageContaining("chown");
    }

    private static StoreError error(java.io.IOException origin) {
        return NioFailures.of(origin, "/x", StoreException.NO_OFFSET).error();
    }

    @Test
    void whatTheStoreNeedsIsOpenedInPlaceOfTheReserveWhenTheProcessMayOpenNoMore() throws Exception {
        DescriptorReserve reserve = new DescriptorReserve(directory);
        reserve.keep();
        int[] refusals = {DescriptorReserve.FILES - 1};
        String opened = reserve.open(() -> {
            if (refusals[0]-- > 0) throw new java.nio.file.FileSystemException("f", null, "Too many open files");
            return "opened";
        });
        assertThat(opened).isEqualTo("opened");
        assertThat(reserve.size()).as("filled again").isEqualTo(DescriptorReserve.FILES);
        assertThatThrownBy(() -> reserve.open(() -> {
                    throw new java.nio.file.FileSystemException("f", null, "Too many open files");
                }))
                .hasMessageContaining("Too many open files");
        assertThat(reserve.size()).isZero();
        reserve.open(() -> "room again");
        assertThat(reserve.size()).isEqualTo(DescriptorReserve.FILES);
        reserve.close();
        reserve.open(() -> "closed");
        assertThat(reserve.size()).isZero();
    }

    @Test
    void aDirectoryThatIsOnlyLookedAtIsReadWithoutAnyChange() throws Exception {
        NioDisk disk = new NioDisk(directory);
        disk.open("f", true).close();
        disk.lock("lock").close();
        var before = Files.getLastModifiedTime(directory.resolve("lock"));
        NioDisk looking = NioDisk.readOnly(directory);
        try (AutoCloseable held = looking.lock("lock")) {
            assertThatThrownBy(() -> looking.open("missing", true)).isInstanceOf(StoreException.class);
            assertThat(looking.open("f", false).size()).isZero();
            looking.syncDirectory("");
            assertThatThrownBy(() -> disk.lock("lock")).hasMessageContaining("ALREADY_LOCKED");
        }
        assertThat(Files.getLastModifiedTime(directory.resolve("lock"))).isEqualTo(before);
        Files.delete(directory.resolve("lock"));
        looking.lock("lock").close();
        assertThat(looking.list("")).containsExactly("f");
        assertThatThrownBy(() -> NioDisk.readOnly(directory.resolve("none")))
                .hasMessageContaining("no such file or directory");
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
