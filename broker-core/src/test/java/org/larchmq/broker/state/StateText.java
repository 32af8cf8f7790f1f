package org.larchmq.broker.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.DueMessages;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.store.queue.Row;

/**
 * All that must survive, as text that can be compared: destinations and their messages, durable subscriptions, attempts,
 * delayed messages, prepared branches, and what is remembered of producers. Messages that an unclean stop loses are left
 * out, as is what ends with the process.
 */
public final class StateText {
    private final StringBuilder text = new StringBuilder();
    private final boolean afterRecovery;

    private StateText(boolean afterRecovery) {
        this.afterRecovery = afterRecovery;
    }

    /** Of a shard at work, or one that came from its log: what both must agree on. */
    public static String of(ShardState state) {
        return new StateText(false).describe(state);
    }

    /** The same with what only recovery decides: which messages may have been delivered. */
    public static String ofRecovered(ShardState state) {
        return new StateText(true).describe(state);
    }

    /** The lines in which two texts differ; empty when they are the same. */
    public static String difference(String expected, String actual) {
        List<String> missing = new ArrayList<>(expected.lines().toList());
        List<String> added = new ArrayList<>(actual.lines().toList());
        actual.lines().forEach(missing::remove);
        expected.lines().forEach(added::remove);
        StringBuilder lines = new StringBuilder();
        missing.forEach(line -> lines.append("\n- ").append(line));
        added.forEach(line -> lines.append("\n+ ").append(line));
        return lines.toString();
    }

    private String describe(ShardState state) {
        text.append("next id ").append(state.nextId()).append('\n');
        TreeMap<String, Destination> byName = new TreeMap<>();
        for (Destination destination : state.destinations()) {
            if (!destination.kind().isTemporary())
                byName.put(destination.kind() + " " + destination.name(), destination);
        }
        byName.forEach(this::destination);
        delayed(state);
        branches(state);
        producers(state);
        return text.toString();
    }

    private void destination(String name, Destination destination) {
        text.append(name).append(" id ").append(destination.id()).append('\n');
        List<Subscription> durable = new ArrayList<>();
        for (Subscription each : destination.subscriptions()) if (each.isDurable()) durable.add(each);
        durable.sort(Comparator.comparingInt(Subscription::id));
        for (Subscription subscription : durable) {
            text.append("  subscription ").append(subscription.id());
            if (destination.isTopic())
                text.append(' ').append(subscription.terms()).append(subscription.older());
            text.append('\n');
            for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
                Level level = destination.level(priority);
                if (level != null && level.logged().endOffset() > 0) messages(level, subscription.logged(priority));
            }
        }
    }

    private void messages(Level level, Cursor cursor) {
        Row row = new Row();
        long end = level.logged().endOffset();
        text.append("    priority ")
                .append(level.priority())
                .append(" to ")
                .append(end)
                .append(':');
        for (long offset = Math.max(cursor.lowWater(), level.logged().startOffset()); offset < end; offset++) {
            if (cursor.isSettled(offset)) continue;
            level.logged().read(offset, row);
            if (ShardState.isVolatile(row.flags())) continue;
            text.append(' ').append(offset).append('@').append(row.physicalOffset());
            text.append('+').append(row.sizeBytes()).append('#').append(row.tagHash());
            text.append('x').append(cursor.attempts(offset));
            if (afterRecovery) text.append('d').append(cursor.deliveryCount(offset));
        }
        text.append('\n');
    }

    private void delayed(ShardState state) {
        text.append("delayed");
        for (DueMessages.Due message :
                state.dueMessages(Long.MAX_VALUE - 1, Integer.MAX_VALUE).messages()) {
            if (message.isVolatile()) continue;
            text.append("\n  ").append(message.dueMillis()).append(' ').append(message.destinationId());
            text.append('/').append(message.priority()).append('@').append(message.physicalOffset());
            text.append('+').append(message.entryBytes()).append('#').append(message.tagHash());
        }
        text.append('\n');
    }

    private void branches(ShardState state) {
        for (PreparedBranch branch : state.branches().all()) {
            text.append("branch ").append(branch.id()).append(' ').append(branch.transactionId());
            text.append(' ').append(branch.outcome()).append(branch.staged());
            for (AckList.Part part : branch.acknowledged().parts()) {
                text.append(' ').append(part.subscriptionId()).append('/').append(part.priority());
                for (int i = 0; i < part.queueOffsets().size(); i++) {
                    text.append(' ').append(part.queueOffsets().from(i));
                    text.append('+').append(part.queueOffsets().count(i));
                }
            }
            text.append('\n');
        }
    }

    private void producers(ShardState state) {
        ByteWriter out = new ByteWriter(1024);
        state.producers().encode(out);
        ByteReader in = new ByteReader(ByteBuffer.wrap(out.toByteArray()));
        text.append("producers, forgotten before ").append(in.getLong()).append('\n');
        List<String> lines = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            StringBuilder line = new StringBuilder("  producer");
            for (int i = 0; i < 5; i++) line.append(' ').append(in.getLong());
            for (int longs = 2 * in.getUnsignedShort(); longs > 0; longs--)
                line.append(' ').append(in.getLong());
            lines.add(line.toString());
        }
        lines.sort(Comparator.naturalOrder());
        lines.forEach(line -> text.append(line).append('\n'));
    }
}
