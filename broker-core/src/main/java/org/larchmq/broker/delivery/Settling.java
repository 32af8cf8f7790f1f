package org.larchmq.broker.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.SettlementEntry.Settled;
import org.larchmq.broker.journal.TransactionEntry.TransactionCommitted;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;

/**
 * The messages that one request settles: collected first, then written to the log, and only then let go, so that nothing
 * has changed when the log refuses. Shard thread only.
 */
public final class Settling {
    private final Dispatcher dispatcher;
    private final AckList logged = new AckList();
    /** What is not in the log, or of a subscription that is not. */
    private final List<Received> soft = new ArrayList<>(0);

    private final List<Release> releases = new ArrayList<>(1);

    /** A message of a subscription. */
    record Received(Subscription subscription, int priority, long queueOffset, boolean inMemory) {}

    /** What a consumer lets go of. */
    private record Release(Consumer consumer, long fromSequence, long toSequence) {}

    public Settling(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /** Adds what the consumer holds of the deliveries {@code [from, from + count)}; passes over what it does not hold. */
    public void acknowledge(Consumer consumer, long fromSequence, int count) {
        HeldMessages held = consumer.held();
        long from = Math.max(fromSequence, held.firstSequence());
        long to = Math.min(fromSequence + count, held.nextSequence());
        if (from >= to) return;
        Subscription subscription = consumer.feed().subscription();
        for (long sequence = from; sequence < to; sequence++) {
            if (!held.isHeld(sequence)) continue;
            settle(subscription, held.priority(sequence), held.queueOffset(sequence), held.inMemory(sequence));
        }
        releases.add(new Release(consumer, from, to));
    }

    void settle(Subscription subscription, int priority, long queueOffset, boolean inMemory) {
        if (inMemory || !subscription.isDurable())
            soft.add(new Received(subscription, priority, queueOffset, inMemory));
        else logged.of(subscription.id(), priority).add(queueOffset);
    }

    /** Settles on its own. */
    public void write() {
        for (int i = 0; i < logged.parts().size(); i++) {
            AckList.Part part = logged.parts().get(i);
            Settled.appendTo(dispatcher.journal(), part.subscriptionId(), part.priority(), part.queueOffsets());
        }
        letGo();
    }

    /** Settles as part of a transaction's commit. */
    public void commit(long transactionId) {
        dispatcher
                .journal()
                .append(new TransactionCommitted(
                        transactionId, dispatcher.state().placesOf(transactionId), logged));
        letGo();
    }

    private void letGo() {
        ShardState state = dispatcher.state();
        for (int i = 0; i < soft.size(); i++) {
            Received message = soft.get(i);
            if (message.inMemory) state.settleInMemory(message.subscription, message.priority, message.queueOffset);
            else state.settleSoft(message.subscription, message.priority, message.queueOffset);
        }
        releaseHolders();
    }

    /** What is settled of durable subscriptions. Read-only. */
    public AckList logged() {
        return logged;
    }

    List<Received> soft() {
        return soft;
    }

    /** Adds the last message of each consumer. To be called before they let go of them. */
    void addLastOfEach(Map<Consumer, Received> last) {
        for (Release release : releases) {
            HeldMessages held = release.consumer.held();
            long sequence = release.toSequence - 1;
            while (sequence >= release.fromSequence && !held.isHeld(sequence)) sequence--;
            if (sequence < release.fromSequence) continue;
            Subscription subscription = release.consumer.feed().subscription();
            Received message = new Received(
                    subscription, held.priority(sequence), held.queueOffset(sequence), held.inMemory(sequence));
            last.put(release.consumer, message);
        }
    }

    /** The consumers let go of the messages. */
    void releaseHolders() {
        for (int i = 0; i < releases.size(); i++) {
            Release release = releases.get(i);
            HeldMessages held = release.consumer.held();
            boolean wasFull = !release.consumer.canTake();
            for (long sequence = release.fromSequence; sequence < release.toSequence; sequence++) {
                if (held.isHeld(sequence)) held.remove(sequence);
            }
            if (wasFull && release.consumer.canTake()) release.consumer.feed().consumerReady();
        }
    }
}
