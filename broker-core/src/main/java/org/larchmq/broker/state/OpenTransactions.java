package org.larchmq.broker.state;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/**
 * Messages that are staged: those of transactions which are neither committed nor rolled back, and, when one is looked for,
 * those of prepared branches. Shard thread only.
 */
public final class OpenTransactions {
    private static final int MESSAGES_PER_RECORD = 4096;

    private final PreparedBranches branches;
    private final Map<Long, List<StagedMessage>> open = new LinkedHashMap<>();
    private int lastIndex;

    OpenTransactions(PreparedBranches branches) {
        this.branches = branches;
    }

    /** Where a message of an open transaction or prepared branch is. */
    public record StagedPlace(long transactionId, long physicalOffset, int entryBytes) {}

    // ---- changes

    void add(long transactionId, StagedMessage message) {
        open.computeIfAbsent(transactionId, id -> new ArrayList<>()).add(message);
    }

    /** The transaction ends, or becomes a prepared branch. @return what was staged for it, perhaps nothing */
    List<StagedMessage> remove(long transactionId) {
        List<StagedMessage> staged = open.remove(transactionId);
        return staged == null ? new ArrayList<>(0) : staged;
    }

    /** The entry of a message was copied. @return false when its transaction has ended */
    boolean moved(long transactionId, long formerOffset, long newOffset, int newEntryBytes) {
        List<StagedMessage> staged = of(transactionId);
        int index = indexOf(staged, formerOffset);
        if (index < 0) return false;
        staged.set(index, staged.get(index).movedTo(newOffset, newEntryBytes));
        return true;
    }

    /** The broker that could have committed them is gone. */
    void clear() {
        open.clear();
    }

    // ---- looking

    /** What is staged for an open transaction or a prepared branch; empty when there is none of this number. */
    List<StagedMessage> of(long transactionId) {
        PreparedBranch branch = branches.of(transactionId);
        return branch == null ? open.getOrDefault(transactionId, List.of()) : branch.staged();
    }

    /** Without those of prepared branches. */
    Map<Long, List<StagedMessage>> all() {
        return open;
    }

    /** The first byte of the log that an open transaction needs, {@link Long#MAX_VALUE} for none. */
    long oldestNeeded() {
        long oldest = Long.MAX_VALUE;
        for (List<StagedMessage> staged : open.values()) {
            for (StagedMessage message : staged) oldest = Math.min(oldest, message.physicalOffset());
        }
        return oldest;
    }

    /** Messages of open transactions and prepared branches before a place in the log, at most so many. */
    public List<StagedPlace> before(long physicalOffset, int limit) {
        List<StagedPlace> found = new ArrayList<>();
        open.forEach((id, staged) -> addBefore(physicalOffset, limit, id, staged, found));
        for (PreparedBranch branch : branches.all()) {
            addBefore(physicalOffset, limit, branch.transactionId(), branch.staged(), found);
        }
        return found;
    }

    private static void addBefore(
            long physicalOffset, int limit, long id, List<StagedMessage> staged, List<StagedPlace> found) {
        for (int i = 0; i < staged.size() && found.size() < limit; i++) {
            StagedMessage message = staged.get(i);
            if (message.physicalOffset() >= physicalOffset) continue;
            found.add(new StagedPlace(id, message.physicalOffset(), message.entryBytes()));
        }
    }

    /** Whether its transaction is neither committed nor rolled back. */
    public boolean contains(StagedPlace place) {
        return indexOf(of(place.transactionId), place.physicalOffset) >= 0;
    }

    /** They are asked for in turn, so the search begins where the last one ended. */
    private int indexOf(List<StagedMessage> staged, long physicalOffset) {
        for (int i = 0; i < staged.size(); i++) {
            int index = (int) ((lastIndex + (long) i) % staged.size());
            if (staged.get(index).physicalOffset() != physicalOffset) continue;
            lastIndex = index;
            return index;
        }
        return -1;
    }

    /** Number of destinations and priorities that the messages of an open transaction go to. */
    public int destinationsOf(long transactionId) {
        Set<Long> seen = new HashSet<>();
        for (StagedMessage message : open.getOrDefault(transactionId, List.of())) {
            seen.add(ShardState.queueId(message.destinationId(), message.priority()));
        }
        return seen.size();
    }

    // ---- checkpoints and snapshots

    /** Writes records of some thousand messages; those of one transaction may take several. */
    void write(ByteWriter out, Runnable beforeRecord, Runnable afterRecord) {
        open.forEach((id, staged) -> {
            for (int from = 0; from < staged.size(); from += MESSAGES_PER_RECORD) {
                beforeRecord.run();
                out.putLong(id);
                StagedMessage.writeAll(staged.subList(from, Math.min(staged.size(), from + MESSAGES_PER_RECORD)), out);
                afterRecord.run();
            }
        });
    }

    /** Reads one record. */
    void read(ByteReader in) {
        long transactionId = in.getLong();
        StagedMessage.readAll(in, open.computeIfAbsent(transactionId, id -> new ArrayList<>()));
    }
}
