package org.larchmq.broker.state;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.BranchEntry.BranchPrepared;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.state.PreparedBranch.Outcome;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/**
 * The prepared branches of distributed transactions, and those that an administrator has decided. As bytes, in the
 * catalog and in snapshots at the head of a log segment, a branch is one or more slices:
 *
 * <pre>
 * slice: transactionId 8, branch id, user name, preparedAt 8, outcome 1,
 *        messages 4, per message as in an open transaction; parts 4, per part: subscriptionId 4, priority 1,
 *        ranges 4, per range: queueOffset 8, messages 8
 * </pre>
 *
 * Shard thread only.
 */
public final class PreparedBranches {
    /** Messages or ranges in a slice, so that no slice is larger than a log entry may be. */
    private static final int SLICE = 1000;

    private final Map<Long, PreparedBranch> byTransaction = new TreeMap<>();
    private final Map<BranchId, PreparedBranch> byId = new HashMap<>();

    /** Null when there is none of this id. */
    public PreparedBranch find(BranchId id) {
        return byId.get(id);
    }

    /** All, in the order of their transaction ids. */
    public Collection<PreparedBranch> all() {
        return Collections.unmodifiableCollection(byTransaction.values());
    }

    public int size() {
        return byTransaction.size();
    }

    /** Null when there is none. */
    PreparedBranch of(long transactionId) {
        return byTransaction.get(transactionId);
    }

    void add(PreparedBranch branch) {
        byTransaction.put(branch.transactionId(), branch);
        byId.put(branch.id(), branch);
    }

    void remove(PreparedBranch branch) {
        byTransaction.remove(branch.transactionId());
        byId.remove(branch.id());
    }

    /** Messages to destinations that are gone are gone with them, before another destination gets the number. */
    void dropMessagesUnless(IntPredicate destinationExists) {
        for (PreparedBranch branch : byTransaction.values()) {
            branch.staged().removeIf(message -> !destinationExists.test(message.destinationId()));
        }
    }

    long oldestNeeded(long logEnd) {
        long oldest = logEnd;
        for (PreparedBranch branch : byTransaction.values()) {
            for (StagedMessage message : branch.staged()) oldest = Math.min(oldest, message.physicalOffset());
        }
        return oldest;
    }

    // ---- encoding

    /** @param beforeSlice called before each slice */
    void write(ByteWriter out, Runnable beforeSlice) {
        for (PreparedBranch branch : byTransaction.values()) {
            int from = 0;
            do {
                beforeSlice.run();
                writeHead(branch, out);
                int to = Math.min(branch.staged().size(), from + SLICE);
                StagedMessage.writeAll(branch.staged().subList(from, to), out);
                out.putInt(0);
                from = to;
            } while (from < branch.staged().size());
            writeAcknowledged(branch, out, beforeSlice);
        }
    }

    private static void writeHead(PreparedBranch branch, ByteWriter out) {
        branch.id().encode(out.putLong(branch.transactionId()));
        out.putShortString(branch.user()).putLong(branch.preparedAtMillis());
        out.putByte(branch.outcome().ordinal());
    }

    private static void writeAcknowledged(PreparedBranch branch, ByteWriter out, Runnable beforeSlice) {
        for (AckList.Part part : branch.acknowledged().parts()) {
            OffsetRanges ranges = part.queueOffsets();
            for (int from = 0; from < ranges.size(); from += SLICE) {
                int to = Math.min(ranges.size(), from + SLICE);
                beforeSlice.run();
                writeHead(branch, out);
                out.putInt(0);
                out.putInt(1).putInt(part.subscriptionId()).putByte(part.priority());
                out.putInt(to - from);
                for (int i = from; i < to; i++) out.putLong(ranges.from(i)).putLong(ranges.count(i));
            }
        }
    }

    void readSlice(ByteReader in) {
        long transactionId = in.getLong();
        BranchId id = BranchId.decode(in);
        String user = in.getShortString();
        long preparedAtMillis = in.getLong();
        Outcome outcome = Outcome.values()[in.getUnsignedByte()];
        PreparedBranch branch = byTransaction.get(transactionId);
        if (branch == null) {
            branch = new PreparedBranch(
                    new BranchPrepared(transactionId, id, user, preparedAtMillis, new AckList()),
                    outcome,
                    new ArrayList<>());
            add(branch);
        }
        StagedMessage.readAll(in, branch.staged());
        int parts = in.getCount(9);
        for (int p = 0; p < parts; p++) {
            OffsetRanges into = branch.acknowledged().of(in.getInt(), in.getByte());
            for (int ranges = in.getCount(16); ranges > 0; ranges--) into.add(in.getLong(), in.getLong());
        }
    }
}
