package org.larchmq.broker.state;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;

/**
 * The messages whose delivery time has not come: by delivery time (then by the number that the producer
 * gave it, which is the order of sending; a place in the log changes when a message is moved), and by place. Every change costs the logarithm of their number, whichever message it is about. Plain arrays,
 * about 70 bytes for a message, since there may be millions. What it holds is durable state: see {@link DelayRecords} for
 * how it gets into a checkpoint. Shard thread only.
 *
 * <p>A message has a number here, which stays while it is held and is used again afterwards.
 */
final class DelayedMessages {
    private static final int VOLATILE = 0x10;
    private static final int SMALLEST = 16;
    private static final int NONE = -1;

    private final DelayRecords records = new DelayRecords();
    private long[] dueMillis = new long[SMALLEST];
    private long[] physicalOffset = new long[SMALLEST];
    private long[] sequence = new long[SMALLEST];
    private int[] entryBytes = new int[SMALLEST];
    private int[] tagHash = new int[SMALLEST];
    private int[] destinationId = new int[SMALLEST];
    private byte[] place = new byte[SMALLEST];
    private int[] slot = new int[SMALLEST]; // of a free number the next free one
    private int used;
    private int firstFree = NONE;

    private final NumberHeap byDue = new NumberHeap() {
        @Override
        boolean isBefore(int a, int b) {
            if (dueMillis[a] != dueMillis[b]) return dueMillis[a] < dueMillis[b];
            if (sequence[a] != sequence[b]) return sequence[a] < sequence[b];
            return physicalOffset[a] < physicalOffset[b];
        }
    };
    private final NumberHeap byPlace = new NumberHeap() {
        @Override
        boolean isBefore(int a, int b) {
            return physicalOffset[a] < physicalOffset[b];
        }
    };
    /** Open addressing by physicalOffset: a number, or NONE; a power of two long and at most two thirds full. */
    private int[] table = emptyTable(2 * SMALLEST);

    /** Sees messages one by one. */
    interface Visitor {
        void message(int number);
    }

    int size() {
        return byDue.size();
    }

    /** When the first one is due, {@link Long#MAX_VALUE} when there is none. */
    long firstDueMillis() {
        return size() == 0 ? Long.MAX_VALUE : dueMillis[byDue.first()];
    }

    /** Smallest place in the log, {@link Long#MAX_VALUE} when there is none. */
    long oldestPhysicalOffset() {
        return size() == 0 ? Long.MAX_VALUE : physicalOffset[byPlace.first()];
    }

    /** The message at the smallest place in the log. */
    int oldest() {
        return byPlace.first();
    }

    DelayRecords records() {
        return records;
    }

    /** @param sendSequence the producer's number of the message */
    void add(
            long due,
            long offset,
            long sendSequence,
            int bytes,
            int tag,
            int destination,
            int priority,
            boolean isVolatile) {
        int number =
                put(due, offset, sendSequence, bytes, tag, destination, isVolatile ? priority | VOLATILE : priority);
        slot[number] = records.newSlot(number);
    }

    /** Adds what a checkpoint held; returns its number. */
    int restore(
            long due, long offset, long sendSequence, int bytes, int tag, int destination, int placeByte, int atSlot) {
        int number = put(due, offset, sendSequence, bytes, tag, destination, placeByte);
        slot[number] = atSlot;
        return number;
    }

    private int put(long due, long offset, long sendSequence, int bytes, int tag, int destination, int placeByte) {
        int number = newNumber();
        dueMillis[number] = due;
        physicalOffset[number] = offset;
        sequence[number] = sendSequence;
        entryBytes[number] = bytes;
        tagHash[number] = tag;
        destinationId[number] = destination;
        place[number] = (byte) placeByte;
        byDue.add(number);
        byPlace.add(number);
        if (size() > table.length / 3 * 2) rebuildTable(table.length * 2);
        else insert(number);
        return number;
    }

    private int newNumber() {
        if (firstFree != NONE) {
            int number = firstFree;
            firstFree = slot[number];
            return number;
        }
        if (used == slot.length) resize(used + Math.max(SMALLEST, used / 4));
        return used++;
    }

    /** Takes one out; false when it is not there. */
    boolean remove(long due, long offset) {
        int number = find(offset);
        if (number == NONE || dueMillis[number] != due) return false;
        remove(number);
        return true;
    }

    private void remove(int number) {
        records.gone(slot[number]);
        byDue.remove(number);
        byPlace.remove(number);
        takeOutOfTable(number);
        place[number] = -1;
        slot[number] = firstFree;
        firstFree = number;
        if (size() == 0) startAnew();
    }

    /** Gives the memory of many back. */
    private void startAnew() {
        used = 0;
        firstFree = NONE;
        if (slot.length > 1024) resize(SMALLEST);
        if (table.length > 1024) table = emptyTable(2 * SMALLEST);
        byDue.clear();
        byPlace.clear();
    }

    boolean contains(long due, long offset) {
        int number = find(offset);
        return number != NONE && dueMillis[number] == due;
    }

    /** Takes out all messages whose numbers the test names. Looks at every message. */
    void removeIf(IntPredicate test) {
        for (int number = used - 1; number >= 0; number--) {
            if (number < used && place[number] != -1 && test.test(number)) remove(number);
        }
    }

    /** Shows what is due, in order, without taking it out; at most so many. */
    void due(long nowMillis, int most, Visitor visitor) {
        if (firstDueMillis() > nowMillis) return;
        PriorityQueue<Integer> next = new PriorityQueue<>((a, b) -> byDue.isBefore(byDue.at(a), byDue.at(b)) ? -1 : 1);
        next.add(0);
        for (int left = most; left > 0 && !next.isEmpty(); left--) {
            int position = next.poll();
            visitor.message(byDue.at(position));
            for (int child = 2 * position + 1; child <= 2 * position + 2; child++) {
                if (child < size() && dueMillis[byDue.at(child)] <= nowMillis) next.add(child);
            }
        }
    }

    // ---- what a number stands for

    long dueMillis(int number) {
        return dueMillis[number];
    }

    long physicalOffset(int number) {
        return physicalOffset[number];
    }

    /** The producer's number of the message. */
    long sequence(int number) {
        return sequence[number];
    }

    int entryBytes(int number) {
        return entryBytes[number];
    }

    int tagHash(int number) {
        return tagHash[number];
    }

    int destinationId(int number) {
        return destinationId[number];
    }

    int priority(int number) {
        return place[number] & 0xF;
    }

    boolean isVolatile(int number) {
        return (place[number] & VOLATILE) != 0;
    }

    /** Priority and whether it is volatile, as stored. */
    int place(int number) {
        return place[number];
    }

    int slot(int number) {
        return slot[number];
    }

    void slot(int number, int changed) {
        slot[number] = changed;
    }

    /** Numbers are below. */
    int numbers() {
        return used;
    }

    /** Whether a message has this number now. */
    boolean isUsed(int number) {
        return number < used && place[number] != -1;
    }

    // ---- the table

    private int find(long offset) {
        for (int at = home(offset); table[at] != NONE; at = at + 1 & table.length - 1) {
            if (physicalOffset[table[at]] == offset) return table[at];
        }
        return NONE;
    }

    private void insert(int number) {
        int at = home(physicalOffset[number]);
        while (table[at] != NONE) at = at + 1 & table.length - 1;
        table[at] = number;
    }

    /** Those behind it that are not at home move up, so that nobody meets a gap before its message. */
    private void takeOutOfTable(int number) {
        int mask = table.length - 1;
        int gap = home(physicalOffset[number]);
        while (table[gap] != number) gap = gap + 1 & mask;
        for (int at = gap + 1 & mask; table[at] != NONE; at = at + 1 & mask) {
            int home = home(physicalOffset[table[at]]);
            if ((at - home & mask) < (at - gap & mask)) continue;
            table[gap] = table[at];
            gap = at;
        }
        table[gap] = NONE;
    }

    private void rebuildTable(int length) {
        table = emptyTable(length);
        for (int i = 0; i < byDue.size(); i++) insert(byDue.at(i));
    }

    private static int[] emptyTable(int length) {
        int[] table = new int[length];
        Arrays.fill(table, NONE);
        return table;
    }

    private int home(long offset) {
        return (int) ((offset * 0x9E3779B97F4A7C15L) >>> 32) & table.length - 1;
    }

    private void resize(int length) {
        dueMillis = Arrays.copyOf(dueMillis, length);
        physicalOffset = Arrays.copyOf(physicalOffset, length);
        sequence = Arrays.copyOf(sequence, length);
        entryBytes = Arrays.copyOf(entryBytes, length);
        tagHash = Arrays.copyOf(tagHash, length);
        destinationId = Arrays.copyOf(destinationId, length);
        place = Arrays.copyOf(place, length);
        slot = Arrays.copyOf(slot, length);
    }
}
