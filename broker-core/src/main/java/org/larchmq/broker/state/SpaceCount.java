package org.larchmq.broker.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.larchmq.broker.state.SpaceUsage.Holder;
import org.larchmq.broker.state.SpaceUsage.Kind;
import org.larchmq.store.queue.Row;

/**
 * Counts, in steps, what in the log is not settled and who has not settled it. What changes meanwhile is counted as it was
 * or as it is. Shard thread only.
 */
public final class SpaceCount {
    private static final int ENTRY_ALIGNMENT = 8;

    private final ShardState state;
    private final long before;
    private final int mostHolders;
    private final Iterator<Destination> destinations;
    private final Map<Subscription, long[]> bySubscription = new HashMap<>();
    private final Map<Integer, long[]> delayedByDestination = new HashMap<>();
    private final List<Holder> holders = new ArrayList<>();
    private final Row row = new Row();
    private Destination destination;
    private int priority = Destination.PRIORITIES;
    private long nextRow = -1;
    private long endRow;
    private int nextDelayed;
    private long bytes;
    private long bytesBefore;
    private boolean done;

    /**
     * @param before      a place in the log: see {@link #bytesBefore}
     * @param mostHolders how many are named in the end
     */
    public SpaceCount(ShardState state, long before, int mostHolders) {
        this.state = state;
        this.before = before;
        this.mostHolders = mostHolders;
        this.destinations = List.copyOf(state.destinations()).iterator();
    }

    /** Looks at about so many messages; true when all were counted. */
    public boolean step(int most) {
        int left = most;
        while (left > 0 && !done) {
            if (priority < Destination.PRIORITIES) left -= countLevel(left);
            else if (destinations.hasNext()) begin(destinations.next());
            else if (nextDelayed >= 0) {
                nextDelayed = state.countDelayed(nextDelayed, left, this);
                left = nextDelayed < 0 ? left - 1 : 0;
            } else {
                countStaged();
                done = true;
            }
            left--;
        }
        return done;
    }

    private void begin(Destination next) {
        destination = next;
        priority = state.destination(next.id()) == next ? 0 : Destination.PRIORITIES; // deleted meanwhile
        nextRow = -1;
    }

    private int countLevel(int most) {
        Level level = state.destination(destination.id()) == destination ? destination.level(priority) : null;
        if (level == null) {
            priority++;
            return 0;
        }
        if (nextRow < 0) endRow = level.logged().endOffset();
        nextRow = level.nextWaiting(nextRow);
        int counted = 0;
        for (; nextRow < endRow && counted < most; counted++) {
            count(level, nextRow);
            nextRow = level.nextWaiting(nextRow + 1);
        }
        if (nextRow >= endRow) {
            priority++;
            nextRow = -1;
        }
        return counted;
    }

    private void count(Level level, long queueOffset) {
        long size = -1;
        List<Subscription> all = destination.subscriptions();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).logged(level.priority()).isSettled(queueOffset)) continue;
            if (size < 0) size = rowBytes(level, queueOffset);
            add(bySubscription.computeIfAbsent(all.get(i), key -> new long[2]), size);
        }
        if (size >= 0) add(size, row.physicalOffset());
    }

    private long rowBytes(Level level, long queueOffset) {
        level.logged().read(queueOffset, row);
        return logBytes(row.physicalOffset(), row.sizeBytes());
    }

    private long logBytes(long physicalOffset, int entryBytes) {
        long aligned = (entryBytes + ENTRY_ALIGNMENT - 1L) / ENTRY_ALIGNMENT * ENTRY_ALIGNMENT;
        return aligned + state.large().logBytes(physicalOffset);
    }

    private void add(long size, long physicalOffset) {
        bytes += size;
        if (physicalOffset < before) bytesBefore += size;
    }

    private static void add(long[] messagesAndBytes, long size) {
        messagesAndBytes[0]++;
        messagesAndBytes[1] += size;
    }

    void delayed(int destinationId, long physicalOffset, int entryBytes) {
        long size = logBytes(physicalOffset, entryBytes);
        add(delayedByDestination.computeIfAbsent(destinationId, id -> new long[2]), size);
        add(size, physicalOffset);
    }

    private void countStaged() {
        state.openTransactions()
                .all()
                .forEach((id, staged) -> countStaged(Kind.TRANSACTION, "transaction " + id, staged));
        for (PreparedBranch branch : state.branches().all()) {
            countStaged(Kind.BRANCH, "prepared branch " + branch.id(), branch.staged());
        }
    }

    private void countStaged(Kind kind, String name, List<StagedMessage> staged) {
        long[] sum = new long[2];
        for (StagedMessage message : staged) {
            long size = logBytes(message.physicalOffset(), message.entryBytes());
            add(sum, size);
            add(size, message.physicalOffset());
        }
        if (sum[0] > 0) holders.add(new Holder(kind, name, sum[0], sum[1]));
    }

    /** Bytes in the log that are not settled. */
    public long unsettledBytes() {
        return bytes;
    }

    /** Those of them before the place that was asked about. */
    public long bytesBefore() {
        return bytesBefore;
    }

    /** What was found. */
    public SpaceUsage result() {
        List<Holder> all = new ArrayList<>(holders);
        bySubscription.forEach((subscription, sum) -> all.add(holder(subscription, sum)));
        delayedByDestination.forEach((id, sum) -> {
            Destination of = state.destination(id);
            if (of != null) all.add(new Holder(Kind.DELAYED, "delayed messages of " + of, sum[0], sum[1]));
        });
        all.sort(Comparator.comparingLong(Holder::bytes).reversed());
        return new SpaceUsage(bytes, all.subList(0, Math.min(mostHolders, all.size())));
    }

    private static Holder holder(Subscription subscription, long[] sum) {
        Destination of = subscription.destination();
        if (!of.isTopic()) return new Holder(Kind.QUEUE, of.toString(), sum[0], sum[1]);
        SubscriptionTerms terms = subscription.terms();
        String name = terms.name().isEmpty() ? "a subscriber without a name" : "subscription '" + terms.name() + "'";
        String owner = terms.owner().isEmpty() || terms.name().isEmpty() ? "" : " of client '" + terms.owner() + "'";
        return new Holder(Kind.SUBSCRIPTION, name + owner + " on " + of, sum[0], sum[1]);
    }
}
