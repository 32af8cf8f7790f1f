package org.larchmq.broker.state;

import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.queue.ConsumeQueue;

/**
 * How pieces of the state look as bytes, in the catalog and in snapshots at the head of a log segment. Big-endian:
 *
 * <pre>
 * shard:       nextId 4, epoch 4, cleanlyStopped 1
 * destination: id 4, kind 1, name,
 *              subscriptions 4 (durable ones of a topic), per subscription:
 *              id 4, flags 1 (1 shared, 2 no local), clientId name, name, selector string, beganAt 8
 *              levels 1, per level:
 *              priority 1, volatileLostBelow 8,
 *              queue: size 4 and the consume queue's own snapshot (catalog), or -1 and endOffset 8 (log snapshot),
 *              cursors 4, per cursor: subscriptionId 4, cursor
 * cursor:      lowWater 8, reservedUpTo 8, flaggedBelow 8, settled above: set, maybe delivered: set,
 *              attempts: numbers 4, per number of attempts: number 4, its messages: set
 * set:         chunks 4, per chunk of 2^31 offsets: number 8, size 4, Roaring bitmap in its portable format
 * transaction: one or more records: id 8, messages 4, per message: destinationId 4, priority 1, volatile 1, physicalOffset 8,
 *              entryBytes 4, tagHash 4, deliverAt 8 (0 with the commit)
 * branch:      see PreparedBranches
 * </pre>
 */
final class StateRecords {
    private static final int SHARED = 1, NO_LOCAL = 2;

    private StateRecords() {}

    static void writeShard(ShardState state, ByteWriter out) {
        out.putInt(state.nextId()).putInt(state.epoch()).putByte(state.isCleanlyStopped() ? 1 : 0);
    }

    static void readShard(ShardState state, ByteReader in) {
        state.restoreShard(in.getInt(), in.getInt(), in.getByte() != 0);
    }

    /** @param withRows whether the consume queues' own snapshots go along, or only where they end */
    static void writeDestination(Destination destination, boolean withRows, ByteWriter out) {
        out.putInt(destination.id()).putByte(destination.kind().number()).putShortString(destination.name());
        writeSubscriptions(destination, out);
        int countAt = out.size();
        out.putByte(0);
        int levels = 0;
        for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
            Level level = destination.level(priority);
            if (level == null) continue;
            levels++;
            out.putByte(priority).putLong(level.volatileLostBelow());
            if (withRows) {
                byte[] rows = level.logged().snapshot();
                out.putInt(rows.length).putBytes(rows);
            } else {
                out.putInt(-1).putLong(level.logged().endOffset());
            }
            writeCursors(destination, priority, out);
        }
        out.array()[countAt] = (byte) levels;
    }

    private static void writeSubscriptions(Destination destination, ByteWriter out) {
        int countAt = out.size();
        out.putInt(0);
        if (!destination.isTopic()) return;
        int count = 0;
        for (Subscription subscription : destination.subscriptions()) {
            if (!subscription.isDurable()) continue;
            SubscriptionTerms terms = subscription.terms();
            out.putInt(subscription.id()).putByte((terms.shared() ? SHARED : 0) | (terms.noLocal() ? NO_LOCAL : 0));
            out.putShortString(terms.owner()).putShortString(terms.name()).putString(terms.selector());
            out.putLong(subscription.beganAt()).putInt(subscription.older().size());
            subscription.older().forEach(out::putLong);
            count++;
        }
        out.patchInt(countAt, count);
    }

    private static void readSubscriptions(ShardState state, Destination destination, ByteReader in) {
        int count = in.getCount(25);
        for (int i = 0; i < count; i++) {
            int id = in.getInt();
            int flags = in.getByte();
            SubscriptionTerms terms = new SubscriptionTerms(
                    in.getShortString(),
                    in.getShortString(),
                    true,
                    (flags & SHARED) != 0,
                    (flags & NO_LOCAL) != 0,
                    in.getString());
            Subscription subscription = state.restoreSubscription(destination, id, terms, in.getLong());
            for (int older = in.getCount(8); older > 0; older--) subscription.addOlder(in.getLong());
        }
    }

    private static void writeCursors(Destination destination, int priority, ByteWriter out) {
        int countAt = out.size();
        out.putInt(0);
        int cursors = 0;
        for (Subscription subscription : destination.subscriptions()) {
            Cursor cursor = subscription.loggedIfAny(priority);
            if (!subscription.isDurable() || cursor == null) continue;
            out.putInt(subscription.id());
            cursor.encode(out);
            cursors++;
        }
        out.patchInt(countAt, cursors);
    }

    static void readDestination(ShardState state, ByteReader in) {
        int id = in.getInt();
        Destination destination = state.add(id, DestinationKind.of(in.getUnsignedByte()), in.getShortString());
        readSubscriptions(state, destination, in);
        int levels = in.getUnsignedByte();
        for (int i = 0; i < levels; i++) {
            int priority = in.getUnsignedByte();
            long volatileLostBelow = in.getLong();
            int rowBytes = in.getInt();
            long queueId = ShardState.queueId(id, priority);
            ConsumeQueue queue;
            if (rowBytes >= 0) {
                queue = state.queues().restore(queueId, in.getBytes(rowBytes));
            } else {
                queue = state.queues().create(queueId);
                queue.startAt(in.getLong());
            }
            state.addLevel(destination, priority, queue).volatileLostBelow(volatileLostBelow);
            int cursors = in.getCount(4);
            for (int c = 0; c < cursors; c++) {
                int subscriptionId = in.getInt();
                Cursor cursor = Cursor.decode(in);
                for (Subscription subscription : destination.subscriptions()) {
                    if (subscription.id() == subscriptionId) subscription.restore(priority, cursor);
                }
            }
        }
    }
}
