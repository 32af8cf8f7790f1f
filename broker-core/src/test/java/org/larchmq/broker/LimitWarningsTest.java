package org.larchmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the broker's own log says of limits that clients feel. */
class LimitWarningsTest {
    private static final long MIB = 1 << 20;

    private final List<String> lines = new ArrayList<>();
    private final LimitWarnings warnings = new LimitWarnings(lines::add);

    @Test
    void comingToTheDisksMarkAndLeavingItIsSaidOnceWithFiguresAndRemedy() {
        warnings.lookAtDisk(0, true, 500 * MIB, 100 * MIB);
        assertThat(lines).isEmpty();
        warnings.lookAtDisk(1, true, 140 * MIB, 100 * MIB);
        warnings.lookAtDisk(2, true, 120 * MIB, 100 * MIB);
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0)).contains("senders are slowed", "140 MiB", "100 MiB", "store.reserved");
        warnings.lookAtDisk(4, false, 99 * MIB, 100 * MIB);
        warnings.lookAtDisk(4, false, 98 * MIB, 100 * MIB);
        assertThat(lines).hasSize(2);
        assertThat(lines.get(1)).contains("messages are refused", "99 MiB", "Free space");
        warnings.lookAtDisk(0, true, 400 * MIB, 100 * MIB);
        assertThat(lines).hasSize(3);
        assertThat(lines.get(2)).contains("go on as usual", "400 MiB");
    }

    @Test
    void usedUpMemoryIsSaidOnceAndAgainWhenThereIsSome() {
        warnings.lookAtMemory(94 * MIB, 100 * MIB);
        assertThat(lines).isEmpty();
        warnings.lookAtMemory(96 * MIB, 100 * MIB);
        warnings.lookAtMemory(90 * MIB, 100 * MIB); // no line each time it goes up and down a little
        warnings.lookAtMemory(97 * MIB, 100 * MIB);
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0)).contains("96 MiB of 100 MiB", "limits.memoryBudget");
        warnings.lookAtMemory(79 * MIB, 100 * MIB);
        assertThat(lines).hasSize(2);
        assertThat(lines.get(1)).contains("again", "79 MiB");
    }
}
