package org.larchmq.broker.state;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.store.catalog.CatalogKey;

/**
 * How delayed messages get into checkpoints without writing all of them each time. Each message has a slot in a chunk of
 * 4096, given out in turn and used once. A chunk's messages are written when some were added, afterwards only which of
 * them are gone; a chunk that is mostly gone is dissolved, its messages take new slots. Shard thread only.
 *
 * <pre>
 * delayed:      messages 4, per message: index in the chunk 2, deliveryTime 8, physicalOffset 8, sequence 8 (the producer's),
 *               entryBytes 4, tagHash 4, destinationId 4, place 1 (priority, 16 volatile)
 * delayed-gone: 64 times 8: a bit for each index that is gone
 * </pre>
 */
final class DelayRecords {
    static final String MESSAGES = "delayed";
    static final String GONE = "delayed-gone";
    private static final int SLOT_BITS = 12;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final int CHUNKS = 1 << 19;
    private static final int WORDS = SLOTS / 64;
    private static final int MESSAGE_BYTES = 39;
    /** A full chunk with fewer messages left is dissolved. */
    private static final int SPARSE = SLOTS / 4;

    private final Map<Integer, Chunk> chunks = new HashMap<>();
    private final Set<Integer> dropped = new HashSet<>();
    private int lastChunk = -1;
    private int nextIndex = SLOTS;

    private static final class Chunk {
        final long[] gone = new long[WORDS];
        int[] numbers = new int[64]; // of the messages, by index; of those that are gone anything
        int live;
        boolean messagesChanged;
        boolean goneChanged;

        boolean isGone(int index) {
            return (gone[index >>> 6] & 1L << index) != 0;
        }

        void number(int index, int number) {
            if (index >= numbers.length) numbers = Arrays.copyOf(numbers, Math.min(SLOTS, 4 * index));
            numbers[index] = number;
        }
    }

    /** The slots of a chunk that were given out. */
    private int end(int number) {
        return number == lastChunk ? nextIndex : SLOTS;
    }

    int newSlot(int messageNumber) {
        if (nextIndex == SLOTS) {
            Chunk full = chunks.get(lastChunk);
            if (full != null && full.live == 0) drop(lastChunk);
            do lastChunk = (lastChunk + 1) & (CHUNKS - 1);
            while (chunks.containsKey(lastChunk) || dropped.contains(lastChunk));
            chunks.put(lastChunk, new Chunk());
            nextIndex = 0;
        }
        Chunk chunk = chunks.get(lastChunk);
        chunk.live++;
        chunk.messagesChanged = true;
        chunk.number(nextIndex, messageNumber);
        return lastChunk << SLOT_BITS | nextIndex++;
    }

    void gone(int slot) {
        int number = slot >>> SLOT_BITS;
        Chunk chunk = chunks.get(number);
        int index = slot & (SLOTS - 1);
        chunk.gone[index >>> 6] |= 1L << index;
        chunk.live--;
        chunk.goneChanged = true;
        if (chunk.live == 0 && number != lastChunk) drop(number);
    }

    private void drop(int number) {
        chunks.remove(number);
        dropped.add(number);
    }

    /** What changed since the last call. */
    void drain(DelayedMessages messages, Map<CatalogKey, byte[]> puts, Set<CatalogKey> deletes) {
        dissolveSparse(messages);
        writeMessages(messages, puts);
        chunks.forEach((number, chunk) -> {
            if (chunk.goneChanged) puts.put(new CatalogKey(GONE, number), encode(chunk.gone));
            chunk.goneChanged = false;
        });
        for (int number : dropped) {
            deletes.add(new CatalogKey(MESSAGES, number));
            deletes.add(new CatalogKey(GONE, number));
        }
        dropped.clear();
    }

    private void dissolveSparse(DelayedMessages messages) {
        Set<Integer> sparse = new HashSet<>();
        chunks.forEach((number, chunk) -> {
            if (number != lastChunk && chunk.live < SPARSE) sparse.add(number);
        });
        for (int number : sparse) {
            Chunk chunk = chunks.get(number);
            for (int index = 0; index < SLOTS && chunk.live > 0; index++) {
                if (chunk.isGone(index)) continue;
                int message = chunk.numbers[index];
                messages.slot(message, newSlot(message));
                gone(number << SLOT_BITS | index);
            }
        }
    }

    private void writeMessages(DelayedMessages messages, Map<CatalogKey, byte[]> puts) {
        chunks.forEach((number, chunk) -> {
            if (!chunk.messagesChanged) return;
            chunk.messagesChanged = false;
            ByteWriter out = new ByteWriter(4 + chunk.live * MESSAGE_BYTES).putInt(chunk.live);
            int end = end(number);
            for (int index = 0; index < end; index++) {
                if (!chunk.isGone(index)) write(messages, chunk.numbers[index], index, out);
            }
            puts.put(new CatalogKey(MESSAGES, number), out.toByteArray());
        });
    }

    private static void write(DelayedMessages messages, int message, int index, ByteWriter out) {
        out.putShort(index)
                .putLong(messages.dueMillis(message))
                .putLong(messages.physicalOffset(message))
                .putLong(messages.sequence(message))
                .putInt(messages.entryBytes(message))
                .putInt(messages.tagHash(message))
                .putInt(messages.destinationId(message))
                .putByte(messages.place(message));
    }

    private static byte[] encode(long[] words) {
        ByteWriter out = new ByteWriter(words.length * Long.BYTES);
        for (long word : words) out.putLong(word);
        return out.toByteArray();
    }

    /** Which destinations are known; a delayed message of another one was for a temporary destination. */
    interface Known {
        boolean destination(int destinationId);
    }

    /** Takes over the chunks of a checkpoint. */
    void restore(Map<CatalogKey, byte[]> records, DelayedMessages messages, Known known) {
        records.forEach((key, bytes) -> {
            if (!key.section().equals(MESSAGES)) return;
            int number = (int) key.id();
            Chunk chunk = new Chunk();
            byte[] gone = records.get(new CatalogKey(GONE, number));
            if (gone != null) {
                ByteReader in = new ByteReader(java.nio.ByteBuffer.wrap(gone));
                for (int i = 0; i < WORDS; i++) chunk.gone[i] = in.getLong();
                in.end();
            }
            restoreChunk(number, chunk, bytes, messages, known);
            if (chunk.live == 0) dropped.add(number);
            else chunks.put(number, chunk);
            lastChunk = Math.max(lastChunk, number);
        });
    }

    private static void restoreChunk(int number, Chunk chunk, byte[] bytes, DelayedMessages messages, Known known) {
        ByteReader in = new ByteReader(java.nio.ByteBuffer.wrap(bytes));
        long[] kept = new long[WORDS];
        for (int left = in.getCount(MESSAGE_BYTES); left > 0; left--) {
            int index = in.getUnsignedShort() & (SLOTS - 1);
            long due = in.getLong();
            long physicalOffset = in.getLong();
            long sequence = in.getLong();
            int entryBytes = in.getInt();
            int tagHash = in.getInt();
            int destinationId = in.getInt();
            int place = in.getByte();
            if ((chunk.gone[index >>> 6] & 1L << index) != 0) continue;
            if (!known.destination(destinationId)) {
                chunk.gone[index >>> 6] |= 1L << index;
                chunk.goneChanged = true;
                continue;
            }
            chunk.live++;
            kept[index >>> 6] |= 1L << index;
            chunk.number(
                    index,
                    messages.restore(
                            due,
                            physicalOffset,
                            sequence,
                            entryBytes,
                            tagHash,
                            destinationId,
                            place,
                            number << SLOT_BITS | index));
        }
        in.end();
        // what was gone before the messages were written is in neither
        for (int i = 0; i < WORDS; i++) chunk.gone[i] = ~kept[i];
    }
}
