package org.larchmq.store.crash;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.catalog.CatalogContents;
import org.larchmq.store.catalog.CatalogKey;
import org.larchmq.store.catalog.CatalogUpdate;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.SegmentHead;
import org.larchmq.store.queue.ConsumeQueue;
import org.larchmq.store.queue.ConsumeQueueStore;
import org.larchmq.store.queue.Row;

/**
 * The least broker that uses all of the store: queues of numbered messages, acknowledgements, a note of what may have
 * been delivered, checkpoints, deletion of segments, rebuild. Entries are applied when appended.
 */
final class MiniBroker {
    private static final byte SEND = 1, ACK = 2, DELIVERING = 3, HEAD = 4;
    private static final int RESERVE = 8;

    /** What a queue is beside its rows. */
    static final class Queue {
        ConsumeQueue rows;
        final TreeSet<Long> acknowledged = new TreeSet<>();
        long mayBeDelivered;
        long flaggedBelow; // unsettled messages below were perhaps delivered before the last restart
        long nextDelivery;
    }

    /** Opens a log that calls the given head. */
    interface LogFactory {
        CommitLog open(SegmentHead head);
    }

    final CommitLog log;
    final Map<Long, Queue> queues = new TreeMap<>();
    private final ConsumeQueueStore store;
    private final Catalog catalog;
    private boolean rebuilding;
    private boolean catalogInDoubt;

    MiniBroker(LogFactory factory, ConsumeQueueStore store, Catalog catalog) {
        this.store = store;
        this.catalog = catalog;
        this.log = factory.open(this::writeHead);
        long from = restore();
        log.recover(from, (offset, size, type, epoch, millis, payload) -> apply(offset, size, type, payload));
        for (Queue queue : queues.values()) {
            queue.flaggedBelow = queue.mayBeDelivered;
            queue.nextDelivery = queue.rows.startOffset();
        }
    }

    void send(long queueId, long seq, byte[] body) {
        long queueOffset = queue(queueId).rows.endOffset();
        ByteBuffer payload = log.begin(SEND, 24 + body.length, seq);
        payload.putLong(queueId).putLong(queueOffset).putLong(seq).put(body);
        appended(SEND);
    }

    /** A delivered message; bodies are copies. */
    record Delivered(long queueId, long queueOffset, long seq, byte[] body, boolean redelivered) {}

    /** The next message that is durable and was not delivered by this process, if any. */
    Optional<Delivered> deliver(long queueId) {
        Queue queue = queue(queueId);
        if (!hasNext(queueId)) return Optional.empty();
        long queueOffset = queue.nextDelivery;
        Row row = new Row();
        queue.rows.read(queueOffset, row);
        if (row.physicalOffset() >= log.flushedOffset()) return Optional.empty();
        if (queueOffset >= queue.mayBeDelivered) {
            log.begin(DELIVERING, 16, 0).putLong(queueId).putLong(queueOffset + RESERVE);
            appended(DELIVERING);
            flush();
        }
        ByteBuffer payload = log.read(row.physicalOffset(), row.sizeBytes());
        payload.getLong();
        payload.getLong();
        long seq = payload.getLong();
        byte[] body = new byte[payload.remaining()];
        payload.get(body);
        queue.nextDelivery++;
        return Optional.of(new Delivered(queueId, queueOffset, seq, body, queueOffset < queue.flaggedBelow));
    }

    /** Whether a message is left that {@link #deliver} would give. */
    boolean hasNext(long queueId) {
        Queue queue = queue(queueId);
        while (queue.nextDelivery < queue.rows.endOffset() && isAcknowledged(queue, queue.nextDelivery))
            queue.nextDelivery++;
        return queue.nextDelivery < queue.rows.endOffset();
    }

    /** Gives up the message that {@link #deliver} could not read. */
    void skip(long queueId) {
        Queue queue = queue(queueId);
        acknowledge(queueId, queue.nextDelivery++);
    }

    void acknowledge(long queueId, long queueOffset) {
        log.begin(ACK, 16, 0).putLong(queueId).putLong(queueOffset);
        appended(ACK);
    }

    void flush() {
        log.write();
        log.force();
    }

    /** For want of room it is left out; the next one says everything again. */
    void checkpoint() {
        try {
            flush();
            tryCheckpoint();
        } catch (StoreException e) {
            if (!e.error().isPassing()) throw e;
            catalogInDoubt = true;
        }
    }

    private void tryCheckpoint() {
        if (catalogInDoubt) catalog.load();
        catalogInDoubt = false;
        store.checkpointBegun();
        long offset = log.endOffset();
        Map<CatalogKey, byte[]> puts = new HashMap<>();
        queues.forEach((id, queue) -> puts.put(new CatalogKey("queue", id), snapshot(queue)));
        store.force();
        catalog.write(new CatalogUpdate(offset, puts, Set.of()));
        store.checkpointDurable();
        long live = offset;
        for (Queue queue : queues.values()) live = Math.min(live, queue.rows.minPhysicalOffsetFrom(0));
        log.deleteSegmentsBefore(live);
    }

    private long restore() {
        try {
            Optional<CatalogContents> contents = catalog.load();
            if (contents.isEmpty()) {
                startOver();
                return 0;
            }
            contents.get().records().forEach((key, snapshot) -> restore(key.id(), ByteBuffer.wrap(snapshot)));
            for (Queue queue : queues.values()) store.verify(queue.rows);
            return contents.get().physicalOffset();
        } catch (StoreException derivedDataIsDamaged) {
            catalog.discard();
            catalog.load();
            startOver();
            return 0;
        }
    }

    private void startOver() {
        store.discardAll();
        queues.clear();
        rebuilding = true;
    }

    private byte[] snapshot(Queue queue) {
        byte[] rows = queue.rows.snapshot();
        ByteBuffer out = ByteBuffer.allocate(16 + queue.acknowledged.size() * 8 + rows.length);
        out.putLong(queue.mayBeDelivered).putLong(queue.acknowledged.size());
        queue.acknowledged.forEach(out::putLong);
        return out.put(rows).array();
    }

    private void restore(long queueId, ByteBuffer in) {
        Queue queue = new Queue();
        queue.mayBeDelivered = in.getLong();
        long count = in.getLong();
        for (int i = 0; i < count; i++) queue.acknowledged.add(in.getLong());
        byte[] rows = new byte[in.remaining()];
        in.get(rows);
        queue.rows = store.restore(queueId, rows);
        queues.put(queueId, queue);
    }

    private void writeHead(CommitLog log) {
        for (Map.Entry<Long, Queue> entry : queues.entrySet()) {
            Queue queue = entry.getValue();
            log.begin(HEAD, 24, 0)
                    .putLong(entry.getKey())
                    .putLong(queue.rows.endOffset())
                    .putLong(queue.mayBeDelivered);
            log.end();
        }
    }

    private final ByteBuffer copy = ByteBuffer.allocate(2048);

    private void appended(byte type) {
        long offset = log.end();
        int size = log.lastEntrySizeBytes();
        copy.clear().put(log.read(offset, size)).flip();
        apply(offset, size, type, copy);
    }

    private void apply(long offset, int size, byte type, ByteBuffer payload) {
        long queueId = payload.getLong();
        Queue queue = queue(queueId);
        long number = payload.getLong();
        if (number > queue.rows.endOffset() + 10_000) throw new IllegalStateException("nonsense in an entry");
        switch (type) {
            case SEND -> {
                while (queue.rows.endOffset() < number)
                    settle(queue, queue.rows.append(Long.MAX_VALUE, 0, 0, 0)); // lost
                queue.rows.append(offset, size, 0, 0);
            }
            case ACK -> {
                while (queue.rows.endOffset() <= number) queue.rows.append(Long.MAX_VALUE, 0, 0, 0); // lost
                settle(queue, number);
            }
            case DELIVERING -> queue.mayBeDelivered = Math.max(queue.mayBeDelivered, number);
            case HEAD -> {
                boolean unknown = rebuilding && queue.rows.endOffset() == 0;
                if (unknown) queue.rows.startAt(number);
                if (unknown) queue.mayBeDelivered = payload.getLong();
            }
            default -> throw new AssertionError("no rule for type " + type);
        }
    }

    private static void settle(Queue queue, long queueOffset) {
        if (queueOffset >= queue.rows.startOffset()) queue.acknowledged.add(queueOffset);
        while (queue.acknowledged.remove(queue.rows.startOffset())) {
            queue.rows.releaseBefore(queue.rows.startOffset() + 1);
        }
    }

    private boolean isAcknowledged(Queue queue, long queueOffset) {
        return queueOffset < queue.rows.startOffset() || queue.acknowledged.contains(queueOffset);
    }

    private Queue queue(long queueId) {
        return queues.computeIfAbsent(queueId, id -> {
            Queue queue = new Queue();
            queue.rows = store.create(id);
            return queue;
        });
    }
}
