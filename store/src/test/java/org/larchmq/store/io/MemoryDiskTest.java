package org.larchmq.store.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryDiskTest {
    private static final long SEED = 20_261_123;

    private final MemoryDisk disk = new MemoryDisk(1 << 20);

    @Test
    void itReadsAndWritesAsARealDiskDoes(@TempDir Path directory) {
        Random random = new Random(SEED);
        try (DiskFile memory = disk.open("f", true);
                DiskFile real = new NioDisk(directory).open("f", true)) {
            for (int step = 0; step < 2_000; step++) {
                int position = random.nextInt(300_000);
                byte[] bytes = new byte[random.nextInt(150_000)];
                if (random.nextBoolean()) random.nextBytes(bytes);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        memory.write(ByteBuffer.wrap(bytes), position);
                        real.write(ByteBuffer.wrap(bytes), position);
                    }
                    case 1 -> {
                        memory.truncate(position);
                        real.truncate(position);
                    }
                    default -> {
                        ByteBuffer expected = ByteBuffer.allocate(bytes.length);
                        ByteBuffer actual = ByteBuffer.allocateDirect(bytes.length);
                        String where = "seed " + SEED + " step " + step;
                        assertThat(memory.read(actual, position)).as(where).isEqualTo(real.read(expected, position));
                        assertThat(actual.flip().compareTo(expected.flip()))
                                .as(where)
                                .isZero();
                    }
                }
                assertThat(memory.size()).isEqualTo(real.size());
                assertThat(disk.usableBytes()).isEqualTo((1 << 20) - memory.size());
            }
        }
    }

    @Test
    void whatExceedsTheCapacityIsRefusedAndChangesNothing() {
        DiskFile file = disk.open("f", true);
        file.write(ByteBuffer.allocate(1_000_000), 0);
        assertThatThrownBy(() -> file.write(ByteBuffer.allocate(100_000), 1_000_000))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.error()).isEqualTo(StoreError.DISK_FULL));
        assertThat(file.size()).isEqualTo(1_000_000);
        file.write(ByteBuffer.allocate(48_576), 1_000_000);
        assertThat(disk.usableBytes()).isZero();
    }

    @Test
    void theSpaceOfADeletedFileIsFreeWhenItsLastHandleIsClosed() {
        DiskFile file = disk.open("f", true);
        file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
        disk.delete("f");
        assertThat(disk.exists("f")).isFalse();
        assertThat(file.read(ByteBuffer.allocate(10), 0)).isEqualTo(3);
        assertThat(disk.usableBytes()).isEqualTo((1 << 20) - 3);
        file.close();
        file.close();
        assertThat(disk.usableBytes()).isEqualTo(1 << 20);
    }

    @Test
    void aRenamedFileReplacesItsTarget() {
        disk.open("a", true).write(ByteBuffer.wrap(new byte[] {1}), 0);
        DiskFile b = disk.open("b", true);
        b.write(ByteBuffer.wrap(new byte[] {2, 2}), 0);
        b.close();
        disk.rename("a", "b");
        assertThat(disk.open("b", false).size()).isEqualTo(1);
        assertThat(disk.exists("a")).isFalse();
        assertThat(disk.usableBytes()).isEqualTo((1 << 20) - 1);
    }

    @Test
    void directoriesListTheirChildren() {
        disk.createDirectories("x/y");
        disk.open("x/b", true).close();
        disk.open("x/a", true).close();
        assertThat(disk.list("x")).containsExactly("a", "b", "y");
        assertThat(disk.list("")).containsExactly("x");
        assertThat(disk.list("none")).isEmpty();
        assertThat(disk.exists("x/y")).isTrue();
    }

    @Test
    void aMissingFileAClosedHandleAndASecondLockAreErrors() throws Exception {
        assertThatThrownBy(() -> disk.open("none", false)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> disk.rename("none", "b")).isInstanceOf(StoreException.class);
        DiskFile file = disk.open("f", true);
        file.close();
        assertThatThrownBy(file::size).isInstanceOf(StoreException.class);
        AutoCloseable lock = disk.lock("lock");
        assertThatThrownBy(() -> disk.lock("lock"))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.error()).isEqualTo(StoreError.ALREADY_LOCKED));
        lock.close();
        disk.lock("lock").close();
    }
}
