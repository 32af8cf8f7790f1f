package org.larchmq.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.catalog.CatalogKey;
import org.larchmq.store.catalog.CatalogUpdate;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.log.SegmentHead;
import org.larchmq.store.queue.ConsumeQueue;
import org.larchmq.store.queue.ConsumeQueueStore;

/** The default locale of the machine has digits of its own in some countries; the data directory is the same everywhere. */
class FileNamesTest {
    private static final CommitLogSettings SETTINGS = new CommitLogSettings(4096, 8192, 1024, 0, 1024, 256, 1024, 4);

    @Test
    void filesHaveTheSameNamesInEveryLocale() {
        Locale before = Locale.getDefault(Locale.Category.FORMAT);
        Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat(String.format("%d", 1)).isNotEqualTo("1");
            SimulatedDisk disk = new SimulatedDisk(1);
            write(disk);
            assertThat(disk.paths()).allMatch(path -> path.chars().allMatch(c -> c < 128));
            assertThat(disk.paths()).anyMatch(path -> path.endsWith(".pages"));
        } finally {
            Locale.setDefault(Locale.Category.FORMAT, before);
        }
    }

    private static void write(SimulatedDisk disk) {
        CommitLog log =
                new CommitLog(disk, "commitlog", SETTINGS, new SimulatedClock(), SegmentHead.NONE, Runnable::run);
        log.recover(0, (offset, size, type, epoch, millis, payload) -> {});
        log.begin((byte) 1, 100, 0);
        log.end();
        log.write();
        log.force();
        Catalog catalog = new Catalog(disk, "catalog");
        catalog.load();
        catalog.write(new CatalogUpdate(1, Map.of(new CatalogKey("queue", 1), new byte[1]), Set.of()));
        ConsumeQueueStore queues = new ConsumeQueueStore(disk, "queues", 16, 4);
        ConsumeQueue queue = queues.create(1);
        for (int i = 0; i < 1000; i++) queue.append(i * 8L, 8, 0, 0);
        queues.force();
    }
}
