package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.StateText;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;

/** Compares the states that a start gets from the same disk: from its checkpoint, and from the log alone. */
final class RecoveredTwice {
    private RecoveredTwice() {}

    /** @return what both starts led to, without what only a start decides: see {@link StateText#of} */
    static String check(SimulatedDisk disk, SimulatedClock clock, BrokerSettings settings, LogOpening logs) {
        SimulatedDisk withoutCheckpoint = disk.copy();
        for (String path : withoutCheckpoint.paths()) {
            if (path.startsWith("catalog/") || path.startsWith("queues/")) withoutCheckpoint.delete(path);
        }
        RecoveredStore usual = open(disk.copy(), clock, settings, logs);
        assertThat(usual.damage())
                .as("damage of files that a crash must not hurt")
                .isNull();
        RecoveredStore rebuilt = open(withoutCheckpoint, clock, settings, logs);
        assertThat(StateText.difference(StateText.ofRecovered(usual.state()), StateText.ofRecovered(rebuilt.state())))
                .as("the state from the checkpoint, and the one that is rebuilt from the log alone")
                .isEmpty();
        // a checkpoint can know of an epoch for whose entry the log had no room: no entry has that number
        assertThat(usual.state().epoch()).isGreaterThanOrEqualTo(rebuilt.state().epoch());
        return StateText.of(usual.state());
    }

    private static RecoveredStore open(
            SimulatedDisk disk, SimulatedClock clock, BrokerSettings settings, LogOpening logs) {
        return new StoreRecovery(settings, disk, clock, Runnable::run, logs).open(new Catalog(disk, "catalog"));
    }
}
