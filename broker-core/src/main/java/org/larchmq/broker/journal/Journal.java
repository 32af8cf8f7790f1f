package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.larchmq.broker.journal.MessageEntry.MessageStored;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageRef;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;

/**
 * The only way to change the state of a running shard: appends an entry to the commit log, then applies it. When the log
 * refuses (no space), nothing has changed. When an entry that was appended cannot be applied, the log takes and writes
 * nothing more: the shard ends, and the entry is not in what a restart reads.
 *
 * <p>Shard thread only. Throws what {@link CommitLog#begin} throws.
 */
public final class Journal {
    /** More than what else is in the entries that end a transaction: ids, the branch, its user. */
    private static final int ENDING_BYTES = 8192;

    private final CommitLog log;
    private final LongSupplier clockMillis;
    private final StateMachine state;
    private final ByteWriter scratch = new ByteWriter(1024);
    private ShardEntry.EpochStarted owedEpoch; // null for none: it goes before any other entry

    /** @param clockMillis time that entries are stamped with, ms since 1970 */
    public Journal(CommitLog log, LongSupplier clockMillis, StateMachine state) {
        this.log = log;
        this.clockMillis = clockMillis;
        this.state = state;
    }

    /**
     * Writes an entry and applies it.
     *
     * @return its physicalOffset; its size is the log's last
     * @throws ProtocolException LIMIT_REACHED when the entry is too large for the log; nothing has changed
     */
    public long append(Entry entry) {
        if (owedEpoch != null) writeOwedEpoch();
        long physicalOffset = write(entry);
        apply(physicalOffset, log.lastEntrySizeBytes(), entry);
        return physicalOffset;
    }

    private long write(Entry entry) {
        scratch.clear();
        if (entry instanceof MessageStored stored) { // most are: called by their class, not by the interface
            stored.encode(scratch);
            MessageRef message = stored.message();
            return write(MessageEntry.MESSAGE_STORED, message.buffer(), message.at(), message.size());
        }
        entry.encode(scratch);
        return write(entry.kind(), entry.bulk(), entry.bulkAt(), entry.bulkBytes());
    }

    /** Writes what {@link #scratch} has, then the bulk. */
    private long write(EntryKind kind, ByteBuffer bulk, int bulkAt, int bulkBytes) {
        int head = scratch.size();
        long bytes = (long) head + bulkBytes;
        if (bytes > log.maxPayloadBytes()) throw tooLarge(bytes);
        ByteBuffer payload = log.begin(kind.number(), (int) bytes, clockMillis.getAsLong());
        int at = payload.position();
        payload.put(at, scratch.array(), 0, head);
        if (bulkBytes > 0) payload.put(at + head, bulk, bulkAt, bulkBytes);
        return log.end();
    }

    private void apply(long physicalOffset, int entryBytes, Entry entry) {
        log.applying();
        state.apply(physicalOffset, entryBytes, entry);
        log.applied();
    }

    /**
     * Begins an epoch of the log, with this process as its owner. A log that has no room for the entry keeps no broker from
     * starting: the state knows of the epoch, and its entry is written before any other. When the process ends before that,
     * the next one begins the same epoch, or a later one if a checkpoint knew of it: no entry has its number.
     */
    public void startEpoch(int epoch) {
        log.setEpoch(epoch);
        owedEpoch = new ShardEntry.EpochStarted(epoch);
        apply(log.endOffset(), 0, owedEpoch);
        try {
            writeOwedEpoch();
        } catch (StoreException e) {
            if (!e.error().isPassing()) throw e;
        }
    }

    private void writeOwedEpoch() {
        write(owedEpoch);
        owedEpoch = null;
    }

    /**
     * Writes part of a snapshot into the head of a segment. It is not applied, since it says what the state is; it may come
     * in the middle of {@link #append}, when the entry begins a new segment.
     */
    public void writeSnapshot(ShardEntry.SnapshotPart part) {
        ByteWriter head = new ByteWriter(16);
        part.encode(head);
        ByteBuffer payload = log.begin(part.kind().number(), head.size() + part.bulkBytes(), clockMillis.getAsLong());
        int at = payload.position();
        payload.put(at, head.array(), 0, head.size());
        payload.put(at + head.size(), part.bulk(), part.bulkAt(), part.bulkBytes());
        log.end();
    }

    /** Ends the request that asked for it, and nothing else. */
    private ProtocolException tooLarge(long bytes) {
        return new ProtocolException(
                ErrorCode.LIMIT_REACHED,
                "the request would need a log entry of " + bytes + " bytes, entries have at most "
                        + log.maxPayloadBytes()
                        + "; do it in smaller steps, or raise store.segmentSize (an entry has at"
                        + " most a quarter of a segment)");
    }

    /**
     * Whether the entries that end a transaction, or prepare it, can hold what it did. To be asked before the first of them
     * is written.
     *
     * @param destinations destinations and priorities that its messages go to
     */
    public boolean fitsOneEntry(int destinations, AckList acknowledged) {
        long bytes = ENDING_BYTES + (long) destinations * FirstOffset.BYTES + acknowledged.encodedBytes();
        return bytes <= log.maxPayloadBytes();
    }

    /** Largest {@link MessageEntry.LargePart}. */
    public int maxPartBytes() {
        return log.maxPayloadBytes();
    }
}
