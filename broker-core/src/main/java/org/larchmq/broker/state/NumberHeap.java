package org.larchmq.broker.state;

import java.util.Arrays;

/** A heap of small numbers in which each can be found, and taken out, by itself. Shard thread only. */
abstract class NumberHeap {
    private static final int SMALLEST = 16;

    private int[] heap = new int[SMALLEST];
    private int[] position = new int[SMALLEST];
    private int size;

    /** The order; it must not change while both are in the heap. */
    abstract boolean isBefore(int a, int b);

    int size() {
        return size;
    }

    int first() {
        return heap[0];
    }

    /** The number at a position of the heap: its children are at {@code 2 * position + 1} and {@code + 2}. */
    int at(int at) {
        return heap[at];
    }

    void add(int number) {
        if (size == heap.length) heap = Arrays.copyOf(heap, size + Math.max(SMALLEST, size / 4));
        if (number >= position.length) {
            position = Arrays.copyOf(position, Math.max(number + 1, position.length + position.length / 4));
        }
        put(number, size++);
        up(size - 1);
    }

    void remove(int number) {
        int at = position[number];
        int last = heap[--size];
        if (at < size) {
            put(last, at);
            up(at);
            down(position[last]);
        }
        if (size < heap.length / 4 && heap.length > 1024) heap = Arrays.copyOf(heap, heap.length / 2);
    }

    void clear() {
        size = 0;
        heap = new int[SMALLEST];
        position = new int[SMALLEST];
    }

    private void put(int number, int at) {
        heap[at] = number;
        position[number] = at;
    }

    private void up(int from) {
        int number = heap[from];
        int at = from;
        while (at > 0 && isBefore(number, heap[(at - 1) / 2])) {
            put(heap[(at - 1) / 2], at);
            at = (at - 1) / 2;
        }
        put(number, at);
    }

    private void down(int from) {
        int number = heap[from];
        int at = from;
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) break;
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) child++;
            if (!isBefore(heap[child], number)) break;
            put(heap[child], at);
            at = child;
        }
        put(number, at);
    }
}
