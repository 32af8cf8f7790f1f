package org.larchmq.store.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.ReadPace;
import org.larchmq.store.io.SimulatedDisk;

class PageScrubTest {
    private static final String FILE = "queues/000000.pages";
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final ConsumeQueueStore store = new ConsumeQueueStore(disk, "queues", 16, 4);
    private final List<Integer> suspects = new ArrayList<>();

    @Test
    void wholePagesAreReadInAllFilesAndNoneIsSuspected() {
        fill(20);
        assertThat(store.scrub().run(ReadPace.NONE, suspects::add)).isEqualTo(20);
        assertThat(suspects).isEmpty();
    }

    @Test
    void aFlippedBitOfAPageInUseIsFoundAndStays() {
        fill(5);
        disk.flipBit(FILE, (3 * 4096 + 1000) * 8);
        store.scrub().run(ReadPace.NONE, suspects::add);
        assertThat(suspects).containsExactly(3);
        assertThat(store.judge(3))
                .hasValueSatisfying(e -> assertThat(e)
                        .hasMessageContaining("000000.pages offset=" + 3 * 4096)
                        .hasMessageContaining("restart"));
        assertThat(store.judge(3)).isPresent();
    }

    @Test
    void aFlippedBitOfAFreePageIsFoundAndClearedOnce() {
        ConsumeQueue queue = fill(5);
        queue.delete();
        disk.flipBit(FILE, 8 * 1000);
        store.scrub().run(ReadPace.NONE, suspects::add);
        assertThat(suspects).containsExactly(0);
        assertThat(store.judge(0)).hasValueSatisfying(e -> assertThat(e).hasMessageContaining("not in use"));
        assertThat(store.judge(0)).isEmpty();
    }

    @Test
    void aSuspectedPageThatIsWholeByNowIsFine() {
        fill(5);
        assertThat(store.judge(2)).isEmpty();
        assertThat(store.judge(99)).isEmpty();
    }

    private ConsumeQueue fill(int pages) {
        ConsumeQueue queue = store.create(1);
        for (int i = 0; i < 203 * pages + 1; i++) queue.append(i, 1, 0, 0);
        return queue;
    }
}
