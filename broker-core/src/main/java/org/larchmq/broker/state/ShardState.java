package org.larchmq.broker.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.LongConsumer;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.BranchEntry;
import org.larchmq.broker.journal.DueMessages;
import org.larchmq.broker.journal.Entry;
import org.larchmq.broker.journal.FirstOffset;
import org.larchmq.broker.journal.MessageEntry;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.journal.ScheduleEntry;
import org.larchmq.broker.journal.SettlementEntry;
import org.larchmq.broker.journal.ShardEntry;
import org.larchmq.broker.journal.StateMachine;
import org.larchmq.broker.journal.TopologyEntry;
import org.larchmq.broker.journal.TransactionEntry;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.MessageRef;
import org.larchmq.store.catalog.CatalogKey;
import org.larchmq.store.queue.ConsumeQueue;
import org.larchmq.store.queue.ConsumeQueueStore;

/**
 * All that a shard knows. What must survive changes only in {@link #apply}; the rest (what is in memory, who is told of
 * work) is soft. Shard thread only.
 */
public final class ShardState implements StateMachine {
    private static final int VOLATILE_ROW = 1;
    /** Below {@link MemoryQueue#HERE}, which is no destination. */
    private static final int FIRST_TEMPORARY_ID = -2;

    private static final int MAY_EXPIRE_ROW = 4;
    private static final long NEVER = 0;
    private static final long AT_ANY_TIME = 1;
    private static final long NEXT = -1;
    /** Rows settled before the queue is asked again to free its pages. */
    private static final int RELEASE_STEP = 1024;

    private final ConsumeQueueStore queues;
    private final MemoryBudget budget;
    private final Map<Integer, Destination> byId = new HashMap<>();
    private final Map<String, Destination> queuesByName = new HashMap<>();
    private final Map<String, Destination> topicsByName = new HashMap<>();
    private final Subscriptions subscriptions = new Subscriptions();
    private final DelayedMessages delayed = new DelayedMessages();
    private final PreparedBranches branches = new PreparedBranches();
    private final OpenTransactions openTransactions = new OpenTransactions(branches);
    private final LargeMessages large = new LargeMessages();
    private final Holds holds = new Holds();
    private List<Level> appended = new ArrayList<>();
    private List<Level> sealed = new ArrayList<>();
    private Set<Destination> changed = new HashSet<>();
    private final Set<Integer> deleted = new HashSet<>();
    private int nextId = 1;
    private int temporaryId = FIRST_TEMPORARY_ID;
    private int epoch;
    private boolean cleanlyStopped;
    private boolean[] wanting = new boolean[8];
    private long emptyPlaces;
    private final Set<Level> mayExpire = new HashSet<>();
    private Runnable whenMayExpire = () -> {};
    private LongConsumer whenTransactionEnds = transactionId -> {};
    private SnapshotReader snapshot;
    private final boolean skipSnapshots;
    private final ProducerMemory producers = new ProducerMemory(Producers.MOST);

    /** @param skipSnapshots whether the state before the log's first entry is known, so that snapshots say nothing new */
    public ShardState(ConsumeQueueStore queues, MemoryBudget budget, boolean skipSnapshots) {
        this.queues = queues;
        this.budget = budget;
        this.skipSnapshots = skipSnapshots;
    }

    // ---- looking

    /** The destination with an id, null when there is none. */
    public Destination destination(int id) {
        return byId.get(id);
    }

    /** The queue or topic of a name, null when there is none. */
    public Destination find(boolean topic, String name) {
        return (topic ? topicsByName : queuesByName).get(name);
    }

    /** A topic's subscription of a name, null when there is none. */
    public Subscription findSubscription(boolean durable, String owner, String name) {
        return subscriptions.find(durable, owner, name);
    }

    /** Number of durable subscriptions of topics. */
    public int durableSubscriptions() {
        return subscriptions.durableCount();
    }

    public Collection<Destination> destinations() {
        return Collections.unmodifiableCollection(byId.values());
    }

    /** The id that the next destination gets. */
    public int nextId() {
        return nextId;
    }

    public int epoch() {
        return epoch;
    }

    /** For looking only. */
    public ProducerMemory producers() {
        return producers;
    }

    /** The prepared branches of distributed transactions. */
    public PreparedBranches branches() {
        return branches;
    }

    /** What is staged. */
    public OpenTransactions openTransactions() {
        return openTransactions;
    }

    /** The durable subscription with an id, null when there is none. */
    public Subscription durableSubscription(int subscriptionId) {
        return subscriptions.find(subscriptionId);
    }

    public MemoryBudget budget() {
        return budget;
    }

    /** Entries below are not needed any more: everything in them is settled. */
    public long oldestNeeded(long logEnd) {
        long oldest = Math.min(branches.oldestNeeded(logEnd), delayed.oldestPhysicalOffset());
        oldest = Math.min(oldest, openTransactions.oldestNeeded());
        for (Destination destination : byId.values()) {
            for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
                Level level = destination.level(priority);
                if (level == null) continue;
                oldest = Math.min(oldest, level.logged().minPhysicalOffsetFrom(level.nextWaiting(0)));
            }
        }
        return Math.min(large.oldestNeeded(oldest), holds.oldest());
    }

    /** Up to where the log has to be kept for what cannot be moved to its end: what is coming in or going out. */
    public long oldestImmovable() {
        return holds.oldest();
    }

    /** The message that waits for its delivery time at the smallest place in the log; null when none waits before one. */
    public DelayedPlace oldestDelayedBefore(long physicalOffset) {
        if (delayed.oldestPhysicalOffset() >= physicalOffset) return null;
        int oldest = delayed.oldest();
        return new DelayedPlace(
                delayed.destinationId(oldest),
                delayed.dueMillis(oldest),
                delayed.physicalOffset(oldest),
                delayed.entryBytes(oldest));
    }

    /** Where a message is that waits for its delivery time. */
    public record DelayedPlace(int destinationId, long dueMillis, long physicalOffset, int entryBytes) {}

    /** Whether it still waits for its delivery time. */
    public boolean isDelayed(DelayedPlace place) {
        return delayed.contains(place.dueMillis, place.physicalOffset);
    }

    private void stagedMoved(long physicalOffset, int entryBytes, MessageEntry.StagedMoved moved) {
        boolean isStaged =
                openTransactions.moved(moved.transactionId(), moved.formerOffset(), physicalOffset, entryBytes);
        MessageRef message = moved.message();
        if (isStaged && message.isLarge()) large.stored(physicalOffset, message.buffer(), message.at());
    }

    /** Visits delayed messages by number, for a count: destinationId, bytes. Returns the number to go on with, or -1. */
    int countDelayed(int from, int most, SpaceCount count) {
        int to = (int) Math.min(delayed.numbers(), (long) from + most);
        for (int number = from; number < to; number++) {
            if (!delayed.isUsed(number)) continue;
            count.delayed(delayed.destinationId(number), delayed.physicalOffset(number), delayed.entryBytes(number));
        }
        return to < delayed.numbers() ? to : -1;
    }

    // ---- soft state

    /** For what is under way in the log: parts of messages that come in or go out. */
    public Holds holds() {
        return holds;
    }

    /** Keeps a message in memory for the subscriptions that want it; false when the budget is used up. */
    public boolean keepInMemory(
            Destination destination, ByteBuffer buffer, int at, int size, long arrivedAt, String publisher) {
        List<Subscription> all = destination.subscriptions();
        int wanted = countWanting(all, buffer, at, publisher);
        if (wanted > 0 && !keep(destination, buffer, at, size, publisher, wanted)) return false;
        if (MessageLayout.isTracked(buffer, at)) producers.keptInMemory(buffer, at, arrivedAt);
        return true;
    }

    private boolean keep(Destination destination, ByteBuffer buffer, int at, int size, String publisher, int wanted) {
        List<Subscription> all = destination.subscriptions();
        int priority = MessageLayout.priority(buffer, at);
        Level level = level(destination, priority);
        int tagHash = MessageLayout.tagHash(buffer, at);
        long loggedBefore = level.logged().endOffset();
        if (!level.inMemory().append(buffer, at, size, tagHash, loggedBefore, publisher, wanted)) return false;
        long expiration = MessageLayout.expirationMillis(buffer, at);
        if (expiration != NEVER) {
            level.inMemory().expiry().note(level.inMemory().endOffset() - 1, expiration);
            if (level.markMayExpire()) mayExpire(level);
        }
        for (int i = 0; i < all.size(); i++) {
            if (wanting[i]) all.get(i).workAvailable(priority);
            else all.get(i).inMemory(priority).settle(level.inMemory().endOffset() - 1, 1);
        }
        return true;
    }

    /** Puts a copy of a message in memory into the dead-letter queue; false when the budget is used up. */
    public boolean deadLetterInMemory(Destination queue, MemoryQueue.Message dead, Destination from) {
        ByteBuffer bytes = dead.bytes();
        int wanted = countWanting(queue.subscriptions(), bytes, 0, null);
        if (!keep(queue, bytes, 0, bytes.limit(), null, wanted)) return false;
        level(queue, MessageLayout.priority(bytes, 0)).inMemory().lastWasSentTo(from.id());
        return true;
    }

    private int countWanting(List<Subscription> all, ByteBuffer buffer, int at, String publisher) {
        if (wanting.length < all.size()) wanting = new boolean[all.size() * 2];
        int wanted = 0;
        for (int i = 0; i < all.size(); i++) {
            Subscription.Listener listener = all.get(i).listener();
            wanting[i] = listener == null || listener.wants(buffer, at, publisher);
            if (wanting[i]) wanted++;
        }
        return wanted;
    }

    /** A subscription is done with a message in memory. */
    public void settleInMemory(Subscription subscription, int priority, long queueOffset) {
        Cursor cursor = subscription.inMemory(priority);
        if (cursor.isSettled(queueOffset)) return;
        cursor.settle(queueOffset, 1);
        subscription.destination().level(priority).inMemory().settle(queueOffset);
    }

    /** A subscription that is not durable is done with a message of the log. */
    public void settleSoft(Subscription subscription, int priority, long queueOffset) {
        checkSoft(subscription);
        Cursor cursor = subscription.logged(priority);
        long before = cursor.lowWater();
        cursor.settle(queueOffset, 1);
        releaseAfterStep(subscription.destination(), priority, before, cursor);
    }

    /** A subscription that is not durable got a message of the log in vain. */
    public void returnSoft(Subscription subscription, int priority, long queueOffset, boolean counted) {
        checkSoft(subscription);
        subscription.logged(priority).returned(queueOffset, 1, counted);
    }

    private static void checkSoft(Subscription subscription) {
        if (subscription.isDurable())
            throw new IllegalArgumentException("a durable subscription changes by entries only: " + subscription.id());
    }

    /** A message in memory was delivered in vain. */
    public void returnInMemory(Subscription subscription, int priority, long queueOffset, boolean counted) {
        subscription.inMemory(priority).returned(queueOffset, 1, counted);
    }

    /** A destination that lives as long as its connection and is not in the log. */
    public Destination createTemporary(DestinationKind kind, String name, Object owner) {
        Destination destination = add(nextTemporaryId(), kind, name);
        destination.owner(owner);
        return destination;
    }

    /**
     * Temporary destinations use up no ids of others: theirs are negative, and one comes again only after 2^31 others, when
     * it is free.
     */
    private int nextTemporaryId() {
        do {
            temporaryId = temporaryId == Integer.MIN_VALUE ? FIRST_TEMPORARY_ID : temporaryId - 1;
        } while (byId.containsKey(temporaryId));
        return temporaryId;
    }

    /** For tests: where the ids of temporary destinations go on. */
    void temporaryIdsGoOnAt(int id) {
        temporaryId = id;
    }

    /** The end of a temporary destination. */
    public void deleteTemporary(Destination destination) {
        remove(destination);
    }

    /**
     * A subscription of a topic that ends with its consumers.
     *
     * @param logEnd where the log ends: what was stored before is not for it, whenever it becomes visible
     */
    public Subscription subscribe(Destination topic, SubscriptionTerms terms, long logEnd) {
        return addSubscription(0, topic, terms, logEnd);
    }

    /** The end of a subscription that is not durable. */
    public void unsubscribe(Subscription subscription) {
        removeSubscription(subscription);
    }

    private Subscription addSubscription(int id, Destination topic, SubscriptionTerms terms, long beganAt) {
        Subscription subscription = Subscription.ofTopic(id, topic, terms, beganAt);
        subscription.startAtEnd();
        topic.add(subscription);
        subscriptions.add(subscription);
        return subscription;
    }

    private void removeSubscription(Subscription subscription) {
        Destination topic = subscription.destination();
        topic.remove(subscription);
        subscriptions.remove(subscription);
        subscription.end();
        for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
            Level level = topic.level(priority);
            if (level == null) continue;
            letGoInMemory(subscription, level);
            long rows = level.logged().endOffset() - level.logged().startOffset();
            if (rows >= RELEASE_STEP || topic.subscriptions().isEmpty()) release(topic, priority);
        }
    }

    private void letGoInMemory(Subscription subscription, Level level) {
        Cursor cursor = subscription.inMemoryIfAny(level.priority());
        if (cursor == null) return;
        long end = level.inMemory().endOffset();
        long offset = cursor.firstUnsettledFrom(0);
        for (; offset < end; offset = cursor.firstUnsettledFrom(offset + 1))
            level.inMemory().settle(offset);
        if (cursor.lowWater() < end) cursor.settle(cursor.lowWater(), end - cursor.lowWater());
    }

    /** Whether the log has to keep a destination's persistent messages: somebody will have them after a restart. */
    public boolean isLogged(Destination destination) {
        return destination.hasDurableSubscriptions();
    }

    /** Whether messages wait for a batch to be committed before consumers may see them. */
    public boolean hasUnsealedMessages() {
        return !appended.isEmpty();
    }

    /** What was appended so far is one batch; see {@link #batchCommitted}. One batch at a time. */
    public void sealBatch() {
        for (int i = 0; i < appended.size(); i++) appended.get(i).seal();
        List<Level> empty = sealed;
        sealed = appended;
        appended = empty;
    }

    /** The sealed batch is committed: consumers may see its messages. */
    public void batchCommitted() {
        for (int i = 0; i < sealed.size(); i++) {
            Level level = sealed.get(i);
            level.makeVisible();
            List<Subscription> subscriptions = level.destination().subscriptions();
            for (int s = 0; s < subscriptions.size(); s++) subscriptions.get(s).workAvailable(level.priority());
        }
        sealed.clear();
    }

    // ---- changes

    @Override
    public void apply(long physicalOffset, int entryBytes, Entry entry) { // the most frequent ones first
        if (entry instanceof MessageEntry.MessageStored stored) messageStored(physicalOffset, entryBytes, stored);
        else if (entry instanceof SettlementEntry settlement) apply(settlement);
        else if (entry instanceof MessageEntry message) apply(physicalOffset, entryBytes, message);
        else if (entry instanceof TransactionEntry transaction) apply(physicalOffset, transaction);
        else if (entry instanceof BranchEntry branch) apply(branch);
        else if (entry instanceof TopologyEntry topology) apply(physicalOffset, topology);
        else if (entry instanceof ScheduleEntry.DelayDue due) delayDue(due.due());
        else if (entry instanceof ShardEntry shard) apply(shard);
        else throw noRule(entry);
    }

    /** A class of entry was added to its family and not here. */
    private static AssertionError noRule(Entry entry) {
        return new AssertionError("no rule for an entry " + entry.kind().name());
    }

    private void apply(long physicalOffset, int entryBytes, MessageEntry entry) {
        if (entry instanceof MessageEntry.MessageMoved moved) messageMoved(physicalOffset, entryBytes, moved);
        else if (entry instanceof MessageEntry.StagedMoved moved) stagedMoved(physicalOffset, entryBytes, moved);
        else if (!(entry instanceof MessageEntry.LargePart)) throw noRule(entry); // its message says where a part is
    }

    private void apply(SettlementEntry entry) {
        if (entry instanceof SettlementEntry.Settled settled) {
            settled(settled.subscriptionId(), settled.priority(), settled.queueOffsets());
        } else if (entry instanceof SettlementEntry.DeliveryReserved reserved) {
            deliveryReserved(reserved);
        } else if (entry instanceof SettlementEntry.Returned returned) {
            returned(returned.subscriptionId(), returned.priority(), returned.queueOffsets(), returned.counted());
        } else if (entry instanceof SettlementEntry.DeadLettered deadLettered) {
            deadLettered(deadLettered);
        } else {
            throw noRule(entry);
        }
    }

    private void apply(long physicalOffset, TransactionEntry entry) {
        if (entry instanceof TransactionEntry.TransactionCommitted committed) {
            transactionCommitted(committed);
        } else if (entry instanceof TransactionEntry.TransactionRolledBack rolledBack) {
            transactionRolledBack(rolledBack.transactionId());
        } else if (entry instanceof TransactionEntry.TransactionNamed named) {
            producers.named(physicalOffset, named.transactionId(), named.producerId(), named.number());
        } else if (entry instanceof TransactionEntry.TransactionsFenced fenced) {
            producers.fenced(physicalOffset, fenced.producerId(), fenced.upTo());
        } else {
            throw noRule(entry);
        }
    }

    private void apply(BranchEntry entry) {
        if (entry instanceof BranchEntry.BranchPrepared prepared) {
            branchPrepared(prepared);
        } else if (entry instanceof BranchEntry.BranchCommitted committed) {
            branchCommitted(committed.transactionId(), committed.heuristic(), committed.places());
        } else if (entry instanceof BranchEntry.BranchRolledBack rolledBack) {
            branchRolledBack(rolledBack.transactionId(), rolledBack.heuristic());
        } else if (entry instanceof BranchEntry.BranchForgotten forgotten) {
            branchForgotten(forgotten.transactionId());
        } else {
            throw noRule(entry);
        }
    }

    private void apply(long physicalOffset, TopologyEntry entry) {
        if (entry instanceof TopologyEntry.DestinationCreated created) {
            add(created.destinationId(), created.destinationKind(), created.name());
        } else if (entry instanceof TopologyEntry.DestinationDeleted gone) {
            destinationDeleted(gone.destinationId());
        } else if (entry instanceof TopologyEntry.SubscriptionCreated created) {
            subscriptionCreated(physicalOffset, created);
        } else if (entry instanceof TopologyEntry.SubscriptionDeleted deleted) {
            subscriptionDeleted(deleted.subscriptionId());
        } else {
            throw noRule(entry);
        }
    }

    private void apply(ShardEntry entry) {
        if (entry instanceof ShardEntry.EpochStarted started) epochStarted(started.epoch());
        else if (entry instanceof ShardEntry.SnapshotPart part) snapshotPart(part);
        else if (entry instanceof ShardEntry.CleanlyStopped) cleanlyStopped = true;
        else throw noRule(entry);
    }

    private void destinationDeleted(int destinationId) {
        Destination destination = byId.get(destinationId);
        if (destination == null) return;
        remove(destination);
        deleted.add(destinationId);
        changed.remove(destination);
    }

    private void subscriptionCreated(long physicalOffset, TopologyEntry.SubscriptionCreated created) {
        nextId = Math.max(nextId, created.subscriptionId() + 1);
        Destination topic = byId.get(created.topicId());
        if (topic == null) return;
        SubscriptionTerms terms = SubscriptionTerms.durable(created.terms());
        addSubscription(created.subscriptionId(), topic, terms, physicalOffset);
        markChanged(topic);
    }

    private void subscriptionDeleted(int subscriptionId) {
        Subscription subscription = subscriptions.find(subscriptionId);
        if (subscription == null) return;
        removeSubscription(subscription);
        markChanged(subscription.destination());
    }

    private void messageStored(long physicalOffset, int entryBytes, MessageEntry.MessageStored stored) {
        MessageRef message = stored.message();
        int destinationId = stored.destinationId();
        boolean isVolatile = stored.isVolatile();
        int priority = message.priority();
        int tagHash = message.tagHash();
        if (message.isLarge()) large.stored(physicalOffset, message.buffer(), message.at());
        long deliverAtMillis = stored.queueOffset() == MessageEntry.DELAYED ? dueMillis(message) : 0;
        if (stored.transactionId() == 0 && message.isTracked()) {
            producers.stored(physicalOffset, message.producerId(), message.sequence());
        }
        if (stored.transactionId() == 0 && stored.queueOffset() == MessageEntry.DELAYED) {
            long sequence = message.sequence();
            delay(destinationId, priority, isVolatile, physicalOffset, entryBytes, tagHash, deliverAtMillis, sequence);
        } else if (stored.transactionId() == 0) {
            long expiration = message.expirationMillis();
            appendRow(
                    destinationId,
                    priority,
                    stored.queueOffset(),
                    isVolatile,
                    physicalOffset,
                    entryBytes,
                    tagHash,
                    expiration);
        } else {
            long sequence = deliverAtMillis == 0 ? 0 : message.sequence();
            openTransactions.add(
                    stored.transactionId(),
                    new StagedMessage(
                            destinationId,
                            priority,
                            isVolatile,
                            physicalOffset,
                            entryBytes,
                            tagHash,
                            deliverAtMillis,
                            sequence));
        }
    }

    private void messageMoved(long physicalOffset, int entryBytes, MessageEntry.MessageMoved moved) {
        MessageRef message = moved.message();
        int holderId = moved.holderId();
        long place = moved.place();
        boolean isVolatile = moved.isVolatile();
        Destination holder = byId.get(holderId);
        if (holder == null) return; // deleted meanwhile, or a temporary one of an earlier process
        int priority = message.priority();
        int tagHash = message.tagHash();
        if (message.isLarge()) large.stored(physicalOffset, message.buffer(), message.at());
        if (place < 0) {
            long dueMillis = dueMillis(message);
            // not there when the log is read from a segment behind its former place
            if (delayed.remove(dueMillis, ~place)) holder.addDelayed(-1);
            for (Subscription subscription : holder.subscriptions()) subscription.moved(~place, physicalOffset);
            if (holder.isTopic()) markChanged(holder);
            long sequence = message.sequence();
            delay(holderId, priority, isVolatile, physicalOffset, entryBytes, tagHash, dueMillis, sequence);
            return;
        }
        Level level = level(holder, priority);
        if (place >= level.logged().endOffset()) {
            appendRow(holderId, priority, place, isVolatile, physicalOffset, entryBytes, tagHash, AT_ANY_TIME);
        } else if (level.isWaiting(place)) {
            if (place >= level.logged().startOffset()) level.logged().update(place, physicalOffset);
            else level.addEarly(place, physicalOffset, entryBytes, tagHash, rowFlags(isVolatile, true));
            markChanged(holder);
        }
    }

    /** One that expires before its delivery time gets its place when it expires, so that it is settled like any other. */
    private static long dueMillis(MessageRef message) {
        long deliveryTime = message.deliveryTimeMillis();
        long expiration = message.expirationMillis();
        return expiration == NEVER ? deliveryTime : Math.min(deliveryTime, expiration);
    }

    /**
     * Gives up rows that stand before a place in the log and that nobody waits for, so that a message that waits for long
     * does not keep those behind it. Looks at some pages, from a place on; returns where to go on, -1 at the end.
     */
    public long forgetSettled(Level level, long physicalOffset, long queueOffset) {
        markChanged(level.destination()); // as in release
        return level.logged().forgetUnneeded(physicalOffset, queueOffset, level::nextWaiting);
    }

    private void delay(
            int destinationId,
            int priority,
            boolean isVolatile,
            long physicalOffset,
            int entryBytes,
            int tagHash,
            long deliverAtMillis,
            long sequence) {
        Destination destination = byId.get(destinationId);
        if (destination == null) return; // a temporary one of an earlier process
        delayed.add(
                deliverAtMillis, physicalOffset, sequence, entryBytes, tagHash, destinationId, priority, isVolatile);
        destination.addDelayed(1);
    }

    private void delayDue(DueMessages due) {
        for (DueMessages.Due message : due.messages()) {
            // not there when the log is read from a segment behind the message: then it is settled further on
            boolean waited = delayed.remove(message.dueMillis(), message.physicalOffset());
            Destination destination = byId.get(message.destinationId());
            if (destination == null) continue;
            if (waited) destination.addDelayed(-1);
            appendRow(
                    message.destinationId(),
                    message.priority(),
                    message.queueOffset(),
                    message.isVolatile(),
                    message.physicalOffset(),
                    message.entryBytes(),
                    message.tagHash(),
                    AT_ANY_TIME);
            settleWhereOlder(destination, message);
        }
    }

    /** A message that was moved while it was delayed is not for subscriptions that began after it was sent (7.9). */
    private void settleWhereOlder(Destination destination, DueMessages.Due message) {
        for (Subscription subscription : destination.subscriptions()) {
            if (!subscription.takeOlder(message.physicalOffset())) continue;
            subscription.logged(message.priority()).settle(message.queueOffset(), 1);
        }
    }

    private void settled(int subscriptionId, int priority, OffsetRanges queueOffsets) {
        Subscription subscription = subscriptions.find(subscriptionId);
        if (subscription == null) return;
        Destination destination = subscription.destination();
        Cursor cursor = subscription.logged(priority);
        long before = cursor.lowWater();
        cursor.settle(queueOffsets);
        markChanged(destination);
        releaseAfterStep(destination, priority, before, cursor);
    }

    private void releaseAfterStep(Destination destination, int priority, long before, Cursor cursor) {
        if (cursor.lowWater() / RELEASE_STEP != before / RELEASE_STEP) release(destination, priority);
    }

    private void returned(int subscriptionId, int priority, OffsetRanges queueOffsets, boolean counted) {
        Subscription subscription = subscriptions.find(subscriptionId);
        if (subscription == null) return;
        Cursor cursor = subscription.logged(priority);
        for (int i = 0; i < queueOffsets.size(); i++) {
            cursor.returned(queueOffsets.from(i), queueOffsets.count(i), counted);
        }
        markChanged(subscription.destination());
    }

    private void deadLettered(SettlementEntry.DeadLettered entry) {
        Subscription subscription = subscriptions.find(entry.subscriptionId());
        if (subscription != null) {
            subscription.logged(entry.priority()).settle(entry.queueOffset(), 1);
            markChanged(subscription.destination());
        }
        SettlementEntry.DeadLetterRow dead = entry.dead();
        appendRow(
                dead.queueId(),
                entry.priority(),
                dead.queueOffset(),
                false,
                dead.physicalOffset(),
                dead.entryBytes(),
                dead.tagHash(),
                AT_ANY_TIME);
    }

    private void deliveryReserved(SettlementEntry.DeliveryReserved entry) {
        Subscription subscription = subscriptions.find(entry.subscriptionId());
        if (subscription == null) return;
        subscription.logged(entry.priority()).reserve(entry.upTo());
        markChanged(subscription.destination());
    }

    private void transactionCommitted(TransactionEntry.TransactionCommitted committed) {
        List<StagedMessage> staged = openTransactions.remove(committed.transactionId());
        whenTransactionEnds.accept(committed.transactionId());
        producers.committed(committed.transactionId());
        makeVisible(staged, committed.places());
        for (AckList.Part part : committed.acknowledged().parts()) {
            settled(part.subscriptionId(), part.priority(), part.queueOffsets());
        }
    }

    /** Tells the number in the log of each transaction or branch whose staged messages are staged no more. */
    public void whenTransactionEnds(LongConsumer listener) {
        whenTransactionEnds = listener;
    }

    private void makeVisible(List<StagedMessage> staged, List<FirstOffset> places) {
        for (FirstOffset place : places) {
            fillUpTo(place.destinationId(), place.priority(), place.queueOffset());
        }
        for (StagedMessage message : staged) {
            becomeVisible(message);
        }
    }

    private void becomeVisible(StagedMessage message) {
        if (message.deliverAtMillis() == 0) {
            appendRow(
                    message.destinationId(),
                    message.priority(),
                    NEXT,
                    message.isVolatile(),
                    message.physicalOffset(),
                    message.entryBytes(),
                    message.tagHash(),
                    AT_ANY_TIME);
        } else {
            delay(
                    message.destinationId(),
                    message.priority(),
                    message.isVolatile(),
                    message.physicalOffset(),
                    message.entryBytes(),
                    message.tagHash(),
                    message.deliverAtMillis(),
                    message.sequence());
        }
    }

    private void transactionRolledBack(long transactionId) {
        openTransactions.remove(transactionId);
        whenTransactionEnds.accept(transactionId);
        producers.rolledBack(transactionId);
    }

    private void branchPrepared(BranchEntry.BranchPrepared prepared) {
        long transactionId = prepared.transactionId();
        List<StagedMessage> staged = openTransactions.remove(transactionId);
        PreparedBranch before = branches.of(transactionId);
        if (before != null) staged = before.staged();
        PreparedBranch branch = new PreparedBranch(prepared, PreparedBranch.Outcome.PREPARED, staged);
        branches.add(branch);
        keepFromOthers(branch);
    }

    private void branchCommitted(long transactionId, boolean heuristic, List<FirstOffset> places) {
        PreparedBranch branch = branches.of(transactionId);
        if (branch == null) return;
        whenTransactionEnds.accept(transactionId);
        makeVisible(branch.staged(), places);
        for (AckList.Part part : branch.acknowledged().parts()) {
            settled(part.subscriptionId(), part.priority(), part.queueOffsets());
        }
        if (heuristic) branch.decided(PreparedBranch.Outcome.HEURISTICALLY_COMMITTED);
        else branches.remove(branch);
    }

    private void branchRolledBack(long transactionId, boolean heuristic) {
        PreparedBranch branch = branches.of(transactionId);
        if (branch == null) return;
        whenTransactionEnds.accept(transactionId);
        for (AckList.Part part : branch.acknowledged().parts()) {
            returned(part.subscriptionId(), part.priority(), part.queueOffsets(), true);
        }
        if (heuristic) branch.decided(PreparedBranch.Outcome.HEURISTICALLY_ROLLED_BACK);
        else branches.remove(branch);
    }

    private void branchForgotten(long transactionId) {
        PreparedBranch branch = branches.of(transactionId);
        if (branch != null) branches.remove(branch);
    }

    /** What a prepared branch has acknowledged counts as handed out. */
    private void keepFromOthers(PreparedBranch branch) {
        for (AckList.Part part : branch.acknowledged().parts()) {
            Subscription subscription = subscriptions.find(part.subscriptionId());
            if (subscription == null) continue;
            Cursor cursor = subscription.logged(part.priority());
            OffsetRanges ranges = part.queueOffsets();
            for (int i = 0; i < ranges.size(); i++) {
                long end = ranges.from(i) + ranges.count(i);
                for (long offset = ranges.from(i); offset < end; offset++) {
                    if (cursor.isAvailable(offset)) cursor.take(offset);
                }
            }
        }
    }

    private void epochStarted(int newEpoch) {
        epoch = newEpoch;
        openTransactions.clear();
        producers.epochStarted();
        branches.dropMessagesUnless(byId::containsKey);
        for (Destination destination : byId.values()) startEpoch(destination);
        if (!cleanlyStopped) forgetDelayed(delayed::isVolatile);
        cleanlyStopped = false;
    }

    private void snapshotPart(ShardEntry.SnapshotPart part) {
        if (skipSnapshots) return;
        boolean nothingKnownYet = byId.isEmpty() && nextId == 1;
        if (part.first()) snapshot = nothingKnownYet ? new SnapshotReader(this) : null;
        if (snapshot != null) snapshot.read(part);
    }

    // ---- recovery and checkpoints

    /** After the last entry of recovery: nobody holds anything, everything stored is visible. */
    public void recovered() {
        snapshot = null;
        for (Destination destination : byId.values()) {
            for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
                Level level = destination.level(priority);
                if (level == null) continue;
                level.makeAllVisible(); // of a topic without subscriptions, too
                for (Subscription subscription : destination.subscriptions())
                    subscription.logged(priority).resetSoftState();
            }
        }
        for (PreparedBranch branch : branches.all()) keepFromOthers(branch);
        appended.clear();
        sealed.clear();
    }

    /** To be called after a rebuild from the log alone: see {@link RebuiltPlaces#settleMissing}. */
    public long settleMissing() {
        return new RebuiltPlaces(this).settleMissing();
    }

    /** What changed since the last call, as catalog records; see {@link CheckpointCodec}. */
    public CheckpointCodec.Changed drainChanged() {
        CheckpointCodec.Changed result = CheckpointCodec.encode(this, changed, deleted);
        byte[] changedLarge = large.drainChanged();
        if (changedLarge != null) result.puts().put(CheckpointCodec.LARGE, changedLarge);
        delayed.records().drain(delayed, result.puts(), result.deletes());
        for (Destination destination : changed) destination.checkpointed();
        changed = new HashSet<>();
        deleted.clear();
        return result;
    }

    /** What was restored from the catalog needs no writing to it. */
    void restored() {
        for (Destination destination : changed) destination.checkpointed();
        changed.clear();
    }

    /** Reads and checks what the consume queues have on disk; throws what {@link ConsumeQueueStore#verify} throws. */
    public void verifyQueues() {
        for (Destination destination : byId.values()) {
            for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
                Level level = destination.level(priority);
                if (level != null) queues.verify(level.logged());
            }
        }
    }

    LargeMessages large() {
        return large;
    }

    /** Delayed messages of a checkpoint, after its destinations. */
    void restoreDelayed(Map<CatalogKey, byte[]> records) {
        delayed.records().restore(records, delayed, byId::containsKey);
        for (int number = 0; number < delayed.numbers(); number++) {
            if (delayed.isUsed(number)) byId.get(delayed.destinationId(number)).addDelayed(1);
        }
    }

    boolean isCleanlyStopped() {
        return cleanlyStopped;
    }

    void restoreShard(int restoredNextId, int restoredEpoch, boolean wasCleanlyStopped) {
        nextId = Math.max(nextId, restoredNextId);
        epoch = restoredEpoch;
        cleanlyStopped = wasCleanlyStopped;
    }

    Destination add(int destinationId, DestinationKind kind, String name) {
        Destination destination = new Destination(destinationId, kind, name);
        byId.put(destinationId, destination);
        (kind.isTopic() ? topicsByName : queuesByName).put(name, destination);
        if (!kind.isTopic()) {
            Subscription subscription = Subscription.ofQueue(destination);
            destination.add(subscription);
            subscriptions.add(subscription);
        }
        nextId = Math.max(nextId, destinationId + 1);
        if (!kind.isTemporary()) changed.add(destination);
        return destination;
    }

    /** Of a topic, as it was stored; its cursors follow. */
    Subscription restoreSubscription(Destination topic, int id, SubscriptionTerms terms, long beganAt) {
        Subscription subscription = Subscription.ofTopic(id, topic, terms, beganAt);
        topic.add(subscription);
        subscriptions.add(subscription);
        nextId = Math.max(nextId, id + 1);
        return subscription;
    }

    Level addLevel(Destination destination, int priority, ConsumeQueue queue) {
        Level level = new Level(destination, priority, queue, budget);
        destination.level(priority, level);
        return level;
    }

    ConsumeQueueStore queues() {
        return queues;
    }

    static long queueId(int destinationId, int priority) {
        return (long) destinationId << 4 | priority;
    }

    private Level level(Destination destination, int priority) {
        Level level = destination.level(priority);
        if (level != null) return level;
        long queueId = queueId(destination.id(), priority);
        return addLevel(
                destination,
                priority,
                destination.kind().isTemporary() ? queues.createInMemory(queueId) : queues.create(queueId));
    }

    /** Where the next logged message of a destination and priority goes; 0 when the destination is not there. */
    public long nextQueueOffset(int destinationId, int priority) {
        Destination destination = byId.get(destinationId);
        Level level = destination == null ? null : destination.level(priority);
        return level == null ? 0 : level.logged().endOffset();
    }

    /** Where the staged messages of a transaction go when it commits now. */
    public List<FirstOffset> placesOf(long transactionId) {
        Set<Long> seen = new HashSet<>();
        List<FirstOffset> places = new ArrayList<>(1);
        for (StagedMessage message : openTransactions.of(transactionId)) {
            if (message.deliverAtMillis() != 0) continue;
            if (!seen.add(queueId(message.destinationId(), message.priority()))) continue;
            long next = nextQueueOffset(message.destinationId(), message.priority());
            places.add(new FirstOffset(message.destinationId(), message.priority(), next));
        }
        return places;
    }

    // ---- delayed messages

    /** Messages whose delivery time has not come. */
    public int delayedMessages() {
        return delayed.size();
    }

    /** When the next delayed message is due, ms since 1970; {@link Long#MAX_VALUE} for never. */
    public long nextDueMillis() {
        return delayed.firstDueMillis();
    }

    /** The first messages that are due, at most so many, with the places that they take now. Changes nothing. */
    public DueMessages dueMessages(long nowMillis, int most) {
        DueMessages due = new DueMessages();
        Map<Long, Long> next = new HashMap<>();
        delayed.due(nowMillis, most, at -> {
            int destinationId = delayed.destinationId(at);
            int priority = delayed.priority(at);
            long queueOffset = next.merge(
                    queueId(destinationId, priority),
                    nextQueueOffset(destinationId, priority),
                    (taken, end) -> taken + 1);
            due.add(new DueMessages.Due(
                    destinationId,
                    priority,
                    delayed.isVolatile(at),
                    queueOffset,
                    delayed.dueMillis(at),
                    delayed.physicalOffset(at),
                    delayed.entryBytes(at),
                    delayed.tagHash(at)));
        });
        return due;
    }

    private void forgetDelayed(IntPredicate atPosition) {
        delayed.removeIf(at -> {
            boolean forgotten = atPosition.test(at);
            Destination destination = forgotten ? byId.get(delayed.destinationId(at)) : null;
            if (destination != null) destination.addDelayed(-1);
            return forgotten;
        });
    }

    private static int rowFlags(boolean isVolatile, boolean mayExpire) {
        return (isVolatile ? VOLATILE_ROW : 0) | (mayExpire ? MAY_EXPIRE_ROW : 0);
    }

    /** @param expirationMillis {@link #NEVER}, or AT_ANY_TIME when only the message says it */
    private void appendRow(
            int destinationId,
            int priority,
            long queueOffset,
            boolean isVolatile,
            long physicalOffset,
            int entryBytes,
            int tagHash,
            long expirationMillis) {
        Destination destination = byId.get(destinationId);
        if (destination == null) return; // deleted meanwhile, or a temporary one of an earlier process
        if (queueOffset != NEXT) fillUpTo(destinationId, priority, queueOffset);
        Level level = level(destination, priority);
        boolean mayExpire = expirationMillis != NEVER;
        long place = level.logged().append(physicalOffset, entryBytes, tagHash, rowFlags(isVolatile, mayExpire));
        if (mayExpire) noteExpiry(level, place, expirationMillis);
        if (isVolatile || !destination.hasDurableSubscriptions()) level.overflowed();
        if (level.markChanged()) appended.add(level);
        markChanged(destination);
        if (destination.subscriptions().isEmpty() && level.logged().endOffset() % RELEASE_STEP == 0) {
            release(destination, priority);
        }
    }

    /** Places of messages whose entries were damaged and repaired away stay empty: later messages keep theirs. */
    private void fillUpTo(int destinationId, int priority, long queueOffset) {
        Destination destination = byId.get(destinationId);
        if (destination == null) return;
        Level level = level(destination, priority);
        long from = level.logged().endOffset();
        if (from >= queueOffset) return;
        level.logged().skipTo(queueOffset);
        emptyPlaces += queueOffset - from;
        for (Subscription subscription : destination.subscriptions()) {
            subscription.logged(priority).settle(from, queueOffset - from);
        }
    }

    /** Places whose messages were lost to damage, found while reading the log. */
    public long emptyPlaces() {
        return emptyPlaces;
    }

    // ---- expiry

    /** Whether a row is of a message that may expire. */
    public static boolean mayExpire(int rowFlags) {
        return (rowFlags & MAY_EXPIRE_ROW) != 0;
    }

    /** A message at a place of the log's queue may expire then. */
    public void noteExpiry(Level level, long queueOffset, long expirationMillis) {
        level.expiry().note(queueOffset, expirationMillis);
        if (level.markMayExpire()) mayExpire(level);
    }

    private void mayExpire(Level level) {
        mayExpire.add(level);
        whenMayExpire.run();
    }

    /** @param listener told when there are messages that may expire */
    public void onMayExpire(Runnable listener) {
        whenMayExpire = listener;
        if (!mayExpire.isEmpty()) listener.run();
    }

    /** The levels with messages that may expire. Not to be changed. */
    public Set<Level> mayExpire() {
        return mayExpire;
    }

    /** To be called when a level was looked through. */
    public void forgetUnlessMayExpire(Level level) {
        if (!level.expiry().isEmpty() || !level.inMemory().expiry().isEmpty()) return;
        mayExpire.remove(level);
        level.forgetMayExpire();
    }

    /** Whether a row is of a message that an unclean stop loses. */
    public static boolean isVolatile(int rowFlags) {
        return (rowFlags & VOLATILE_ROW) != 0;
    }

    private void startEpoch(Destination destination) {
        for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
            Level level = destination.level(priority);
            if (level == null) continue;
            if (!cleanlyStopped) level.volatileLostBelow(level.logged().endOffset());
            for (Subscription subscription : destination.subscriptions()) {
                Cursor cursor = subscription.logged(priority);
                if (cleanlyStopped) cursor.forgetReserved();
                else cursor.flagReserved();
            }
        }
        markChanged(destination);
    }

    private void remove(Destination destination) {
        if (destination.delayedMessages() > 0) forgetDelayed(at -> delayed.destinationId(at) == destination.id());
        byId.remove(destination.id());
        (destination.isTopic() ? topicsByName : queuesByName).remove(destination.name());
        for (Subscription subscription : destination.subscriptions()) {
            subscriptions.remove(subscription);
            subscription.end();
        }
        for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
            Level level = destination.level(priority);
            if (level == null) continue;
            level.inMemory().clear();
            level.logged().delete();
            mayExpire.remove(level);
        }
        appended.removeIf(level -> level.destination() == destination);
        sealed.removeIf(level -> level.destination() == destination);
    }

    void markChanged(Destination destination) {
        if (destination.markChanged() && !destination.kind().isTemporary()) changed.add(destination);
    }

    private void release(Destination destination, int priority) {
        Level level = destination.level(priority);
        level.logged().releaseBefore(level.nextWaiting(0));
        markChanged(destination); // the next checkpoint must not name pages that are given up
    }
}
