package org.larchmq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.queue.ConsumeQueueStore;

/** Temporary destinations come and go by the thousand: they use up no ids, and no two share one. */
class TemporaryIdsTest {
    private final ShardState state =
            new ShardState(new ConsumeQueueStore(new SimulatedDisk(1), "queues"), new MemoryBudget(1 << 20), true);

    @Test
    void temporaryDestinationsUseUpNoIdsOfOthers() {
        int before = state.nextId();
        Destination temporary = state.createTemporary(DestinationKind.TEMPORARY_QUEUE, "t1", this);
        assertThat(state.nextId()).isEqualTo(before);
        assertThat(temporary.id()).isLessThan(-1);
    }

    @Test
    void anIdThatIsTakenIsPassedOverWhenTheyBeginAgain() {
        Destination first = state.createTemporary(DestinationKind.TEMPORARY_QUEUE, "t1", this);
        state.temporaryIdsGoOnAt(Integer.MIN_VALUE + 1);
        Destination last = state.createTemporary(DestinationKind.TEMPORARY_QUEUE, "t2", this);
        assertThat(last.id()).isEqualTo(Integer.MIN_VALUE);
        Destination again = state.createTemporary(DestinationKind.TEMPORARY_QUEUE, "t3", this);
        Destination next = state.createTemporary(DestinationKind.TEMPORARY_QUEUE, "t4", this);
        assertThat(again.id()).isNotIn(first.id(), last.id());
        assertThat(next.id()).isNotIn(first.id(), last.id(), again.id());
        assertThat(state.destination(first.id())).isSameAs(first);
    }
}
