package org.larchmq.broker.state;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;

/**
 * What clients that reconnect may ask: whether a message they send again is stored already, and what became of a
 * transaction. What is in the log is remembered by the log; what was kept in memory only ends with the process. Shard
 * thread only.
 */
public final class ProducerMemory {
    private final Producers logged;
    private final Producers inMemory;
    private final Map<Long, Name> names = new HashMap<>();
    private boolean changed;

    /** A transaction by its producer and that producer's number for it. */
    private record Name(long producerId, long number) {}

    ProducerMemory(int producers) {
        logged = new Producers(producers);
        inMemory = new Producers(producers);
    }

    // ---- looking

    /** @param since position in the log since when it may have been stored */
    public Memory remembers(long producerId, long sequence, long since) {
        Memory stored = logged.remembers(producerId, sequence, since);
        if (stored == Memory.STORED) return stored;
        Memory kept = inMemory.remembers(producerId, sequence, since);
        return kept == Memory.NOT_STORED ? stored : kept;
    }

    /**
     * Whether a message that the producer has sent later is stored. Messages of one producer come in order, so that one that
     * is not stored then was refused.
     */
    public boolean remembersLater(long producerId, long sequence) {
        Producer stored = logged.find(producerId);
        if (stored != null && stored.hasStoredLater(sequence)) return true;
        Producer kept = inMemory.find(producerId);
        return kept != null && kept.hasStoredLater(sequence);
    }

    /** Whether a transaction is committed; FORGOTTEN also when a later one is. */
    public Memory remembersTransaction(long producerId, long number, long since) {
        Producer producer = logged.find(producerId);
        if (producer == null) return logged.forgottenSince(since) ? Memory.FORGOTTEN : Memory.NOT_STORED;
        if (producer.committed() == number) return Memory.STORED;
        return producer.committed() > number ? Memory.FORGOTTEN : Memory.NOT_STORED;
    }

    /** Whether a producer's transaction may be committed now: it is later than all that are decided. */
    public boolean mayCommit(long producerId, long number) {
        Producer producer = logged.find(producerId);
        return producer == null || number > producer.committed() && number > producer.fenced();
    }

    // ---- changes

    void stored(long physicalOffset, long producerId, long sequence) {
        changed = true;
        logged.heard(producerId, physicalOffset).stored(sequence);
    }

    /** Soft: a message is kept in memory only. */
    void keptInMemory(ByteBuffer buffer, int at, long logEnd) {
        inMemory.heard(MessageLayout.producerId(buffer, at), logEnd).stored(MessageLayout.sequence(buffer, at));
    }

    void named(long physicalOffset, long transactionId, long producerId, long number) {
        changed = true;
        logged.heard(producerId, physicalOffset);
        names.put(transactionId, new Name(producerId, number));
    }

    void committed(long transactionId) {
        if (names.isEmpty()) return;
        Name name = names.remove(transactionId);
        if (name == null) return;
        changed = true;
        Producer producer = logged.find(name.producerId);
        if (producer != null) producer.committed(name.number);
    }

    void rolledBack(long transactionId) {
        names.remove(transactionId);
    }

    void fenced(long physicalOffset, long producerId, long upTo) {
        changed = true;
        logged.heard(producerId, physicalOffset).fenced(upTo);
    }

    void epochStarted() {
        names.clear();
    }

    // ---- records

    /** Whether it changed since the last call. */
    boolean takeChanged() {
        boolean was = changed;
        changed = false;
        return was;
    }

    void encode(ByteWriter out) {
        logged.encode(out);
        out.putInt(names.size());
        names.forEach((transactionId, name) ->
                out.putLong(transactionId).putLong(name.producerId).putLong(name.number));
    }

    void decode(ByteReader in) {
        logged.decode(in);
        int named = in.getCount(24);
        for (int i = 0; i < named; i++) names.put(in.getLong(), new Name(in.getLong(), in.getLong()));
    }
}
