package org.larchmq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.larchmq.broker.journal.Entry;
import org.larchmq.broker.journal.EntrySamples;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.queue.ConsumeQueueStore;

/** The compiler does not check that {@link ShardState#apply} has a rule for every entry. */
class EntryRulesTest {
    private final ShardState state =
            new ShardState(new ConsumeQueueStore(new SimulatedDisk(1), "queues"), new MemoryBudget(1 << 20), false);

    /** What a rule does is seen elsewhere; the samples' messages are too short for some to come to their end. */
    @Test
    void everyEntryHasARule() {
        for (Entry entry : EntrySamples.all()) {
            Throwable thrown = catchThrowable(() -> state.apply(0, 64, entry));
            assertThat(thrown instanceof AssertionError).as(entry.kind().name()).isFalse();
        }
    }

    @Test
    void aDurableSubscriptionIsNotChangedWithoutAnEntry() {
        Destination queue = state.add(7, DestinationKind.QUEUE, "orders");
        Subscription durable = queue.onlySubscription();
        assertThatThrownBy(() -> state.settleSoft(durable, 4, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> state.returnSoft(durable, 4, 0, true)).isInstanceOf(IllegalArgumentException.class);
        assertThat(durable.unsettled()).isZero();
    }
}
