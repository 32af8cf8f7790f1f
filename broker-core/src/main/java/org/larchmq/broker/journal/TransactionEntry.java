package org.larchmq.broker.journal;

import java.util.List;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/** Entries about local transactions. */
public sealed interface TransactionEntry extends Entry {
    EntryKind TRANSACTION_COMMITTED = new EntryKind(
            6,
            "TRANSACTION_COMMITTED",
            "transactionId 8; " + FirstOffset.LIST + "; " + AckList.LAYOUT,
            TransactionCommitted::decode);
    EntryKind TRANSACTION_ROLLED_BACK =
            new EntryKind(7, "TRANSACTION_ROLLED_BACK", "transactionId 8", TransactionRolledBack::decode);
    EntryKind TRANSACTION_NAMED = new EntryKind(
            27,
            "TRANSACTION_NAMED",
            "transactionId 8, producerId 8, number 8: before the TRANSACTION_COMMITTED of the same transactionId",
            TransactionNamed::decode);
    EntryKind TRANSACTIONS_FENCED = new EntryKind(
            28,
            "TRANSACTIONS_FENCED",
            "producerId 8, upTo 8: this producer's transactions up to this number that are not committed never will be",
            TransactionsFenced::decode);

    List<EntryKind> KINDS =
            List.of(TRANSACTION_COMMITTED, TRANSACTION_ROLLED_BACK, TRANSACTION_NAMED, TRANSACTIONS_FENCED);

    /**
     * The staged messages of a transaction become visible, and its acknowledgements take effect, all at once.
     *
     * @param places where the messages go: per destination and priority the offset of the first
     */
    record TransactionCommitted(long transactionId, List<FirstOffset> places, AckList acknowledged)
            implements TransactionEntry {
        @Override
        public EntryKind kind() {
            return TRANSACTION_COMMITTED;
        }

        @Override
        public void encode(ByteWriter out) {
            FirstOffset.encode(places, out.putLong(transactionId));
            acknowledged.encode(out);
        }

        static TransactionCommitted decode(ByteReader in) {
            return new TransactionCommitted(in.getLong(), FirstOffset.decode(in), AckList.decode(in));
        }
    }

    /** The staged messages of a transaction are forgotten. */
    record TransactionRolledBack(long transactionId) implements TransactionEntry {
        @Override
        public EntryKind kind() {
            return TRANSACTION_ROLLED_BACK;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putLong(transactionId);
        }

        static TransactionRolledBack decode(ByteReader in) {
            return new TransactionRolledBack(in.getLong());
        }
    }

    /**
     * The transaction that is about to be committed is this one of its producer, so that the producer can ask for its
     * outcome.
     *
     * @param number increases with each of the producer's transactions
     */
    record TransactionNamed(long transactionId, long producerId, long number) implements TransactionEntry {
        @Override
        public EntryKind kind() {
            return TRANSACTION_NAMED;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putLong(transactionId).putLong(producerId).putLong(number);
        }

        static TransactionNamed decode(ByteReader in) {
            return new TransactionNamed(in.getLong(), in.getLong(), in.getLong());
        }
    }

    /** A producer's transactions up to this number that are not committed never will be: it was told so. */
    record TransactionsFenced(long producerId, long upTo) implements TransactionEntry {
        @Override
        public EntryKind kind() {
            return TRANSACTIONS_FENCED;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putLong(producerId).putLong(upTo);
        }

        static TransactionsFenced decode(ByteReader in) {
            return new TransactionsFenced(in.getLong(), in.getLong());
        }
    }
}
