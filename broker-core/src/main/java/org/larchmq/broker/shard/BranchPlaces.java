package org.larchmq.broker.shard;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.larchmq.broker.delivery.BranchHoldings;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.BranchEntry.BranchPrepared;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.state.PreparedBranch;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places that a clean stop gives to non-persistent messages which prepared branches hold. A branch names what it has
 * consumed by subscription, priority and place: with the new places it is prepared once more, so that its messages go where
 * it ends and keep their order (specification 6.2.9).
 */
final class BranchPlaces {
    private static final Logger LOG = LoggerFactory.getLogger(BranchPlaces.class);

    private final ShardState state;
    private final Journal journal;
    private final Map<PreparedBranch, Changes> changed = new LinkedHashMap<>();

    BranchPlaces(ShardState state, Journal journal) {
        this.state = state;
        this.journal = journal;
    }

    /** What changes for one branch. The new places come in ascending order for each subscription and priority. */
    private static final class Changes {
        private final Set<Place> moved = new HashSet<>();
        private final AckList added = new AckList();
    }

    private record Place(int subscriptionId, int priority, long queueOffset) {}

    /** A message that is in the log gets another place there. */
    void moved(Subscription subscription, int priority, long from, long to) {
        for (PreparedBranch branch : state.branches().all()) {
            if (!holds(branch, subscription.id(), priority, from)) continue;
            Changes changes = changesOf(branch);
            changes.moved.add(new Place(subscription.id(), priority, from));
            changes.added.of(subscription.id(), priority).add(to);
        }
    }

    /** A message that is in memory gets a place in the log. */
    void spooled(
            PreparedBranch branch,
            BranchHoldings holdings,
            Subscription subscription,
            int priority,
            long memoryOffset,
            long to) {
        if (!holdings.holdsInMemory(subscription, priority, memoryOffset)) return;
        changesOf(branch).added.of(subscription.id(), priority).add(to);
    }

    private Changes changesOf(PreparedBranch branch) {
        return changed.computeIfAbsent(branch, none -> new Changes());
    }

    private static boolean holds(PreparedBranch branch, int subscriptionId, int priority, long queueOffset) {
        for (AckList.Part part : branch.acknowledged().parts()) {
            boolean isOfPart = part.subscriptionId() == subscriptionId && part.priority() == priority;
            if (isOfPart && contains(part.queueOffsets(), queueOffset)) return true;
        }
        return false;
    }

    private static boolean contains(OffsetRanges ranges, long queueOffset) {
        for (int i = 0; i < ranges.size(); i++) {
            if (queueOffset >= ranges.from(i) && queueOffset < ranges.from(i) + ranges.count(i)) return true;
        }
        return false;
    }

    /**
     * After the last change: prepares the branches once more, with what they hold now.
     *
     * @return false when an entry cannot name all that a branch holds. The stop must not be taken for a clean one then: what
     *     is not named would be delivered to others, even after the branch has committed
     */
    boolean write() {
        boolean all = true;
        for (Map.Entry<PreparedBranch, Changes> each : changed.entrySet()) {
            all &= write(each.getKey(), each.getValue());
        }
        return all;
    }

    private boolean write(PreparedBranch branch, Changes changes) {
        AckList now = new AckList();
        for (AckList.Part part : branch.acknowledged().parts()) {
            OffsetRanges ranges = part.queueOffsets();
            for (int i = 0; i < ranges.size(); i++) {
                for (long at = ranges.from(i); at < ranges.from(i) + ranges.count(i); at++) {
                    boolean stays = !changes.moved.contains(new Place(part.subscriptionId(), part.priority(), at));
                    if (stays) now.of(part.subscriptionId(), part.priority()).add(at);
                }
            }
        }
        for (AckList.Part part : changes.added.parts()) {
            OffsetRanges ranges = part.queueOffsets();
            OffsetRanges target = now.of(part.subscriptionId(), part.priority());
            for (int i = 0; i < ranges.size(); i++) target.add(ranges.from(i), ranges.count(i));
        }
        if (!journal.fitsOneEntry(0, now)) {
            LOG.error(
                    "Branch {} holds so many non-persistent messages that no log entry can name them, so that this stop does"
                            + " not keep non-persistent messages. Let the transaction manager decide the branch first",
                    branch.id());
            return false;
        }
        journal.append(
                new BranchPrepared(branch.transactionId(), branch.id(), branch.user(), branch.preparedAtMillis(), now));
        return true;
    }
}
