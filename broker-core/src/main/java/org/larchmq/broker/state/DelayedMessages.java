package org.larchmq.broker.state;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;

/**
 * The messages whose delivery time has not come: a heap ordered by delivery time, then by place in the log, which is the
 * order of sending. Plain arrays, 33 bytes for a message, since there may be millions. What it holds is durable state:
 * see {@link DelayRecords} for how it gets into a checkpoint. Shard thread only.
 */
final class DelayedMessages {
    private static final int VOLATILE = 0x10;
    private static final int SMALLEST = 16;

    private final DelayRecords records = new DelayRecords();
    private long[] dueMillis = new long[SMALLEST];
    private long[] physicalOffset = new long[SMALLEST];
    private int[] entryBytes = new int[SMALLEST];
    private int[] tagHash = new int[SMALLEST];
    private int[] destinationId = new int[SMALLEST];
    private byte[] place = new byte[SMALLEST];
    private int[] slot = new int[SMALLEST];
    private int size;

    /** Sees messages one by one. */
    interface Visitor {
        void message(int position);
    }

    int size() {
        return size;
    }

    /** When the first one is due, {@link Long#MAX_VALUE} when there is none. */
    long firstDueMillis() {
        return size == 0 ? Long.MAX_VALUE : dueMillis[0];
    }

    /** Smallest place in the log, {@link Long#MAX_VALUE} when there is none. Looks at every message. */
    long oldestPhysicalOffset() {
        long oldest = Long.MAX_VALUE;
        for (int i = 0; i < size; i++) oldest = Math.min(oldest, physicalOffset[i]);
        return oldest;
    }

    DelayRecords records() {
        return records;
    }

    void add(long due, long offset, int bytes, int tag, int destination, int priority, boolean isVolatile) {
        put(due, offset, bytes, tag, destination, isVolatile ? priority | VOLATILE : priority, records.newSlot());
        up(size - 1);
    }

    /** Adds what a checkpoint held; {@link #restored} ends it. */
    void restore(long due, long offset, int bytes, int tag, int destination, int placeByte, int atSlot) {
        put(due, offset, bytes, tag, destination, placeByte, atSlot);
    }

    void restored() {
        for (int i = size / 2 - 1; i >= 0; i--) down(i);
    }

    private void put(long due, long offset, int bytes, int tag, int destination, int placeByte, int atSlot) {
        if (size == slot.length) resize(size + Math.max(SMALLEST, size / 4));
        dueMillis[size] = due;
        physicalOffset[size] = offset;
        entryBytes[size] = bytes;
        tagHash[size] = tag;
        destinationId[size] = destination;
        place[size] = (byte) placeByte;
        slot[size] = atSlot;
        size++;
    }

    /** Takes one out; false when it is not there. Cheap for those that are due first. */
    boolean remove(long due, long offset) {
        int position = find(0, due, offset);
        if (position < 0) return false;
        records.gone(slot[position]);
        size--;
        if (position < size) {
            copy(size, position);
            down(position);
            up(position);
        }
        if (size < slot.length / 4 && slot.length > 1024) resize(slot.length / 2);
        return true;
    }

    boolean contains(long due, long offset) {
        return find(0, due, offset) >= 0;
    }

    private int find(int position, long due, long offset) {
        if (position >= size || dueMillis[position] > due) return -1;
        if (dueMillis[position] == due) {
            if (physicalOffset[position] == offset) return position;
            if (physicalOffset[position] > offset) return -1;
        }
        int left = find(2 * position + 1, due, offset);
        return left >= 0 ? left : find(2 * position + 2, due, offset);
    }

    /** Takes out all messages at positions that the test names. */
    void removeIf(IntPredicate atPosition) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (atPosition.test(i)) records.gone(slot[i]);
            else copy(i, kept++);
        }
        size = kept;
        restored();
    }

    /** Shows what is due, in order, without taking it out; at most so many. */
    void due(long nowMillis, int most, Visitor visitor) {
        if (firstDueMillis() > nowMillis) return;
        PriorityQueue<Integer> next = new PriorityQueue<>((a, b) -> isBefore(a, b) ? -1 : 1);
        next.add(0);
        for (int left = most; left > 0 && !next.isEmpty(); left--) {
            int position = next.poll();
            visitor.message(position);
            for (int child = 2 * position + 1; child <= 2 * position + 2; child++) {
                if (child < size && dueMillis[child] <= nowMillis) next.add(child);
            }
        }
    }

    // ---- what is at a position

    long dueMillis(int position) {
        return dueMillis[position];
    }

    long physicalOffset(int position) {
        return physicalOffset[position];
    }

    int entryBytes(int position) {
        return entryBytes[position];
    }

    int tagHash(int position) {
        return tagHash[position];
    }

    int destinationId(int position) {
        return destinationId[position];
    }

    int priority(int position) {
        return place[position] & 0xF;
    }

    boolean isVolatile(int position) {
        return (place[position] & VOLATILE) != 0;
    }

    /** Priority and whether it is volatile, as stored. */
    int place(int position) {
        return place[position];
    }

    int slot(int position) {
        return slot[position];
    }

    void slot(int position, int changed) {
        slot[position] = changed;
    }

    // ---- the heap

    private boolean isBefore(int a, int b) {
        if (dueMillis[a] != dueMillis[b]) return dueMillis[a] < dueMillis[b];
        return physicalOffset[a] < physicalOffset[b];
    }

    private void up(int from) {
        int position = from;
        while (position > 0 && isBefore(position, (position - 1) / 2)) {
            swap(position, (position - 1) / 2);
            position = (position - 1) / 2;
        }
    }

    private void down(int from) {
        int position = from;
        while (true) {
            int least = position;
            int left = 2 * position + 1;
            if (left < size && isBefore(left, least)) least = left;
            if (left + 1 < size && isBefore(left + 1, least)) least = left + 1;
            if (least == position) return;
            swap(position, least);
            position = least;
        }
    }

    private void swap(int a, int b) {
        long due = dueMillis[a];
        long offset = physicalOffset[a];
        int bytes = entryBytes[a];
        int tag = tagHash[a];
        int destination = destinationId[a];
        byte where = place[a];
        int at = slot[a];
        copy(b, a);
        dueMillis[b] = due;
        physicalOffset[b] = offset;
        entryBytes[b] = bytes;
        tagHash[b] = tag;
        destinationId[b] = destination;
        place[b] = where;
        slot[b] = at;
    }

    private void copy(int from, int to) {
        dueMillis[to] = dueMillis[from];
        physicalOffset[to] = physicalOffset[from];
        entryBytes[to] = entryBytes[from];
        tagHash[to] = tagHash[from];
        destinationId[to] = destinationId[from];
        place[to] = place[from];
        slot[to] = slot[from];
    }

    private void resize(int length) {
        dueMillis = Arrays.copyOf(dueMillis, length);
        physicalOffset = Arrays.copyOf(physicalOffset, length);
        entryBytes = Arrays.copyOf(entryBytes, length);
        tagHash = Arrays.copyOf(tagHash, length);
        destinationId = Arrays.copyOf(destinationId, length);
        place = Arrays.copyOf(place, length);
        slot = Arrays.copyOf(slot, length);
    }
}
