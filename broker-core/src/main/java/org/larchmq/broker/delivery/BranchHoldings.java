package org.larchmq.broker.delivery;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.journal.TransactionEntry.TransactionCommitted;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;

/**
 * What a branch of a distributed transaction has acknowledged: no consumer holds it any more, and nobody else gets it
 * until the branch ends. Shard thread only.
 */
public final class BranchHoldings {
    private final Dispatcher dispatcher;
    private final Redeliveries redeliveries;
    private final AckList logged = new AckList();
    private final List<Settling.Received> soft = new ArrayList<>(0);
    /** What each consumer has received last. */
    private final Map<Consumer, Settling.Received> last = new LinkedHashMap<>(2);

    private GivingBack givingBack;
    private int softGivenBack;

    public BranchHoldings(Dispatcher dispatcher, Redeliveries redeliveries) {
        this.dispatcher = dispatcher;
        this.redeliveries = redeliveries;
    }

    /** The consumers let go of what was collected, and the branch holds it. */
    public void takeOver(Settling acknowledged) {
        add(acknowledged.logged(), logged);
        soft.addAll(acknowledged.soft());
        acknowledged.addLastOfEach(last);
        acknowledged.releaseHolders();
    }

    public boolean isEmpty() {
        return logged.isEmpty() && soft.isEmpty();
    }

    /** Whether it holds something that the entry of a prepare does not name. */
    public boolean hasSoft() {
        return !soft.isEmpty();
    }

    /** Whether it holds this message, which is in memory only. */
    public boolean holdsInMemory(Subscription subscription, int priority, long queueOffset) {
        for (Settling.Received message : soft) {
            boolean isIt = message.inMemory()
                    && message.subscription() == subscription
                    && message.priority() == priority
                    && message.queueOffset() == queueOffset;
            if (isIt) return true;
        }
        return false;
    }

    private static void add(AckList from, AckList into) {
        for (AckList.Part part : from.parts()) {
            OffsetRanges ranges = part.queueOffsets();
            OffsetRanges target = into.of(part.subscriptionId(), part.priority());
            for (int i = 0; i < ranges.size(); i++) target.add(ranges.from(i), ranges.count(i));
        }
    }

    /** What survives: for the entry of a prepare. Not to be changed. */
    public AckList logged() {
        return logged;
    }

    /** Commits a branch that was not prepared. */
    public void commit(long transactionId) {
        dispatcher
                .journal()
                .append(new TransactionCommitted(
                        transactionId, dispatcher.state().placesOf(transactionId), logged));
        settleSoft();
    }

    /** The branch is committed: what does not survive is settled too. */
    public void settleSoft() {
        ShardState state = dispatcher.state();
        for (Settling.Received message : soft) {
            if (message.inMemory()) {
                state.settleInMemory(message.subscription(), message.priority(), message.queueOffset());
            } else {
                state.settleSoft(message.subscription(), message.priority(), message.queueOffset());
            }
        }
    }

    /**
     * The branch was not prepared and is rolled back: everything goes back, after an attempt that counts. When the log has
     * no room this throws, and goes on where it was when it is called again.
     */
    public void giveBack() {
        if (givingBack == null) givingBack = new GivingBack(dispatcher, redeliveries, logged, GivingBack.How.COUNTED);
        givingBack.run();
        giveBackSoft();
    }

    /**
     * The branch was not prepared and is lost with a connection: everything goes back, as if its consumers still held it. The
     * last message of each of them counts as an attempt, the others are only flagged ({@link Redeliveries#giveBackAll}). When
     * the log has no room this throws, and goes on where it was when it is called again.
     */
    public void giveBackLost() {
        if (givingBack == null) {
            givingBack = new GivingBack(dispatcher, redeliveries, loggedButTheLast(), GivingBack.How.FLAGGED);
            soft.removeAll(last.values());
        }
        givingBack.run();
        for (; softGivenBack < soft.size(); softGivenBack++) {
            Settling.Received message = soft.get(softGivenBack);
            redeliveries.maybeSeen(
                    message.subscription(), message.priority(), message.queueOffset(), message.inMemory());
        }
        while (!last.isEmpty()) {
            Map.Entry<Consumer, Settling.Received> next =
                    last.entrySet().iterator().next();
            Settling.Received message = next.getValue();
            redeliveries.attemptFailed(
                    message.subscription(), message.priority(), message.queueOffset(), message.inMemory());
            last.remove(next.getKey());
        }
    }

    private AckList loggedButTheLast() {
        AckList others = new AckList();
        for (AckList.Part part : logged.parts()) {
            TreeSet<Long> without = new TreeSet<>();
            for (Settling.Received message : last.values()) {
                boolean isOfPart = !message.inMemory()
                        && message.subscription().id() == part.subscriptionId()
                        && message.priority() == part.priority();
                if (isOfPart) without.add(message.queueOffset());
            }
            OffsetRanges ranges = part.queueOffsets();
            OffsetRanges target = others.of(part.subscriptionId(), part.priority());
            for (int i = 0; i < ranges.size(); i++) {
                long from = ranges.from(i);
                long end = from + ranges.count(i);
                for (long hole : without.subSet(from, end)) {
                    if (hole > from) target.add(from, hole - from);
                    from = hole + 1;
                }
                if (end > from) target.add(from, end - from);
            }
        }
        return others;
    }

    /** The branch is rolled back: what does not survive goes back too. Can be called again as {@link #giveBack}. */
    public void giveBackSoft() {
        for (; softGivenBack < soft.size(); softGivenBack++) {
            Settling.Received message = soft.get(softGivenBack);
            redeliveries.attemptFailed(
                    message.subscription(), message.priority(), message.queueOffset(), message.inMemory());
        }
    }
}
