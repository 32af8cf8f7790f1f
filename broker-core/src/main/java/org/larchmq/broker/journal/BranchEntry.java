package org.larchmq.broker.journal;

import java.util.List;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/** Entries about branches of distributed transactions (XA). */
public sealed interface BranchEntry extends Entry {
    EntryKind BRANCH_PREPARED = new EntryKind(
            21,
            "BRANCH_PREPARED",
            "transactionId 8 (of its staged messages), branch id (see wire), user name, preparedAt 8 (ms since 1970); "
                    + AckList.LAYOUT + ": what it has acknowledged",
            BranchPrepared::decode);
    EntryKind BRANCH_COMMITTED = new EntryKind(
            22,
            "BRANCH_COMMITTED",
            "transactionId 8, heuristic 1 (decided by an administrator: remembered until BRANCH_FORGOTTEN); "
                    + FirstOffset.LIST,
            BranchCommitted::decode);
    EntryKind BRANCH_ROLLED_BACK = new EntryKind(
            23,
            "BRANCH_ROLLED_BACK",
            "transactionId 8, heuristic 1; what it had acknowledged is returned, counted",
            BranchRolledBack::decode);
    EntryKind BRANCH_FORGOTTEN = new EntryKind(24, "BRANCH_FORGOTTEN", "transactionId 8", BranchForgotten::decode);

    List<EntryKind> KINDS = List.of(BRANCH_PREPARED, BRANCH_COMMITTED, BRANCH_ROLLED_BACK, BRANCH_FORGOTTEN);

    /**
     * A branch is prepared: its staged messages and its acknowledgements wait for a decision, whatever happens to the
     * broker. Nobody else gets what it has acknowledged.
     *
     * <p>Once more for a branch that is prepared: it has acknowledged these instead.
     *
     * @param transactionId    of its staged messages
     * @param user             whose branch it is; empty for nobody's
     * @param preparedAtMillis ms since 1970
     */
    record BranchPrepared(long transactionId, BranchId branch, String user, long preparedAtMillis, AckList acknowledged)
            implements BranchEntry {
        @Override
        public EntryKind kind() {
            return BRANCH_PREPARED;
        }

        @Override
        public void encode(ByteWriter out) {
            branch.encode(out.putLong(transactionId));
            out.putShortString(user).putLong(preparedAtMillis);
            acknowledged.encode(out);
        }

        static BranchPrepared decode(ByteReader in) {
            return new BranchPrepared(
                    in.getLong(), BranchId.decode(in), in.getShortString(), in.getLong(), AckList.decode(in));
        }
    }

    /**
     * A prepared branch's messages become visible, and its acknowledgements take effect.
     *
     * @param heuristic whether an administrator decided it: then it is remembered until it is forgotten
     * @param places    as of {@link TransactionEntry.TransactionCommitted}
     */
    record BranchCommitted(long transactionId, boolean heuristic, List<FirstOffset> places) implements BranchEntry {
        @Override
        public EntryKind kind() {
            return BRANCH_COMMITTED;
        }

        @Override
        public void encode(ByteWriter out) {
            FirstOffset.encode(places, out.putLong(transactionId).putByte(heuristic ? 1 : 0));
        }

        static BranchCommitted decode(ByteReader in) {
            return new BranchCommitted(in.getLong(), in.getByte() != 0, FirstOffset.decode(in));
        }
    }

    /** A prepared branch's messages are forgotten; what it has acknowledged goes back, after an attempt that counts. */
    record BranchRolledBack(long transactionId, boolean heuristic) implements BranchEntry {
        @Override
        public EntryKind kind() {
            return BRANCH_ROLLED_BACK;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putLong(transactionId).putByte(heuristic ? 1 : 0);
        }

        static BranchRolledBack decode(ByteReader in) {
            return new BranchRolledBack(in.getLong(), in.getByte() != 0);
        }
    }

    /** The transaction manager knows what an administrator decided. */
    record BranchForgotten(long transactionId) implements BranchEntry {
        @Override
        public EntryKind kind() {
            return BRANCH_FORGOTTEN;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putLong(transactionId);
        }

        static BranchForgotten decode(ByteReader in) {
            return new BranchForgotten(in.getLong());
        }
    }
}
