package org.larchmq.broker.delivery;

import java.util.ArrayList;
import java.util.List;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;

/**
 * What a branch of a distributed transaction has acknowledged: no consumer holds it any more, and nobody else gets it
 * until the branch ends. Shard thread only.
 */
public final class BranchHoldings {
    private final Dispatcher dispatcher;
    private final Returning returning;
    private final AckList logged = new AckList();
    private final AckList spooled = new AckList();
    private final List<Settling.Soft> soft = new ArrayList<>(0);
    private GivingBack givingBack;
    private int softGivenBack;

    public BranchHoldings(Dispatcher dispatcher, Returning returning) {
        this.dispatcher = dispatcher;
        this.returning = returning;
    }

    /** The consumers let go of what was collected, and the branch holds it. */
    public void takeOver(Settling acknowledged) {
        add(acknowledged.logged(), logged);
        soft.addAll(acknowledged.soft());
        acknowledged.releaseHolders();
    }

    public boolean isEmpty() {
        return logged.isEmpty() && soft.isEmpty();
    }

    /** Whether it holds something that the entry of a prepare does not name. */
    public boolean hasSoft() {
        return !soft.isEmpty();
    }

    /** A clean stop puts a message into the log. */
    public void spooled(Subscription subscription, int priority, long memoryOffset, long loggedOffset) {
        for (Settling.Soft message : soft) {
            boolean isIt = message.inMemory()
                    && message.subscription() == subscription
                    && message.priority() == priority
                    && message.queueOffset() == memoryOffset;
            if (isIt) spooled.of(subscription.id(), priority).add(loggedOffset);
        }
    }

    /** What the branch has acknowledged after a clean stop; null when nothing was added. */
    public AckList loggedAndSpooled() {
        if (spooled.isEmpty()) return null;
        AckList all = new AckList();
        add(logged, all);
        add(spooled, all);
        return all;
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
                .writer()
                .transactionCommitted(transactionId, dispatcher.state().placesOf(transactionId), logged);
        settleSoft();
    }

    /** The branch is committed: what does not survive is settled too. */
    public void settleSoft() {
        ShardState state = dispatcher.state();
        for (Settling.Soft message : soft) {
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
        if (givingBack == null) givingBack = new GivingBack(dispatcher, returning, logged, false);
        givingBack.run();
        giveBackSoft();
    }

    /** The branch is rolled back: what does not survive goes back too. Can be called again as {@link #giveBack}. */
    public void giveBackSoft() {
        for (; softGivenBack < soft.size(); softGivenBack++) {
            Settling.Soft message = soft.get(softGivenBack);
            returning.attemptFailed(
                    message.subscription(), message.priority(), message.queueOffset(), message.inMemory());
        }
    }
}
