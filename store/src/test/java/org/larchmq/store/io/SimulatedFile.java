package org.larchmq.store.io;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Bytes of a simulated file: what a reader sees now, what is on the medium, and the changes between the two. */
final class SimulatedFile {
    static final int SECTOR_BYTES = 512;

    private byte[] now = new byte[0];
    private int size;
    private byte[] medium = new byte[0]; // its length is the durable size
    private List<Change> pending = new ArrayList<>();
    private boolean growing; // it has got longer since the last flush

    /** A write, or with null bytes a change of the length. */
    private record Change(int position, byte[] bytes) {}

    int size() {
        return size;
    }

    int read(ByteBuffer destination, int position) {
        int count = Math.max(0, Math.min(destination.remaining(), size - position));
        destination.put(now, Math.min(position, size), count);
        return count;
    }

    void write(ByteBuffer source, int position) {
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        int end = position + bytes.length;
        if (end > now.length) now = Arrays.copyOf(now, Math.max(end, now.length * 2));
        System.arraycopy(bytes, 0, now, position, bytes.length);
        growing |= end > size;
        size = Math.max(size, end);
        pending.add(new Change(position, bytes));
    }

    void truncate(int newSize) {
        if (newSize >= size) return;
        Arrays.fill(now, newSize, size, (byte) 0);
        size = newSize;
        pending.add(new Change(newSize, null));
    }

    void force() {
        for (Change change : pending) {
            if (change.bytes == null) {
                medium = Arrays.copyOf(medium, Math.min(medium.length, change.position));
                continue;
            }
            int end = change.position + change.bytes.length;
            if (end > medium.length) medium = Arrays.copyOf(medium, end);
            System.arraycopy(change.bytes, 0, medium, change.position, change.bytes.length);
        }
        pending = new ArrayList<>();
        growing = false;
    }

    boolean isGrowing() {
        return growing;
    }

    /** The same bytes, all of them durable. */
    SimulatedFile copy() {
        SimulatedFile copy = new SimulatedFile();
        copy.now = Arrays.copyOf(now, size);
        copy.size = size;
        copy.medium = copy.now.clone();
        return copy;
    }

    /**
     * What Linux does when a flush fails: it takes the data for written. Readers still see it; the medium gets it only when
     * it is written again, whatever later flushes say.
     */
    void failForce() {
        pending = new ArrayList<>();
    }

    void flipBit(long bit) {
        int at = (int) (bit / 8);
        byte mask = (byte) (1 << (bit % 8));
        now[at] ^= mask;
        if (at < medium.length) medium[at] ^= mask;
    }

    /** The file after a power loss: any sectors of the pending writes, each kept or not by chance. */
    SimulatedFile afterPowerLoss(Random random) {
        SimulatedFile survivor = new SimulatedFile();
        byte[] bytes = medium.clone();
        double keep = switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> 1;
            default -> random.nextDouble();
        };
        for (Change change : pending) bytes = apply(change, bytes, keep, random);
        survivor.now = bytes;
        survivor.size = bytes.length;
        survivor.medium = bytes.clone();
        return survivor;
    }

    private static byte[] apply(Change change, byte[] bytes, double keep, Random random) {
        if (change.bytes == null) {
            boolean kept = random.nextDouble() < keep && change.position < bytes.length;
            return kept ? Arrays.copyOf(bytes, change.position) : bytes;
        }
        byte[] result = bytes;
        int end = change.position + change.bytes.length;
        for (int from = change.position; from < end; ) {
            int to = Math.min(end, (from / SECTOR_BYTES + 1) * SECTOR_BYTES);
            if (random.nextDouble() < keep) {
                if (to > result.length) result = Arrays.copyOf(result, to);
                System.arraycopy(change.bytes, from - change.position, result, from, to - from);
            }
            from = to;
        }
        return result;
    }
}
