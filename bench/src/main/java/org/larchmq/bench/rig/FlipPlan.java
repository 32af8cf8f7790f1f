package org.larchmq.bench.rig;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Which bits to flip: every kind of file in turn, in each a random file and place. */
final class FlipPlan {
    private static final int IN_USED_PART_OF_100 = 85;
    private static final int SEGMENT_HEADER_BYTES = 64,
            SEGMENT_FLAGS_AT = 12,
            SEGMENT_RECYCLED = 2; // docs/formats/store.md

    /** @param file relative to the data directory */
    record Flip(String kind, Path file, long offset, int bit) {
        void apply(Path data) throws IOException {
            try (var bytes = new RandomAccessFile(data.resolve(file).toFile(), "rw")) {
                bytes.seek(offset);
                int old = bytes.read();
                if (old < 0) throw new IOException(file + " ends before " + offset);
                bytes.seek(offset);
                bytes.write(old ^ 1 << bit);
            }
        }

        @Override
        public String toString() {
            return "%s offset %d bit %d".formatted(file, offset, bit);
        }
    }

    /**
     * Whether nobody can tell that a bit is not what was written, since it has no meaning: a file that waits to be used
     * again, and what such a file still holds behind the entries of its new life.
     */
    static boolean isMeaningless(Path data, Flip flip) throws IOException {
        String name = flip.file.getFileName().toString();
        if (name.startsWith("spare-")) return true;
        if (!name.endsWith(".log") || flip.offset < SEGMENT_HEADER_BYTES) return false;
        try (var bytes = new RandomAccessFile(data.resolve(flip.file).toFile(), "r")) {
            bytes.seek(SEGMENT_FLAGS_AT);
            return (bytes.readInt() & SEGMENT_RECYCLED) != 0;
        }
    }

    private record Target(Path file, long sizeBytes, long usedBytes) {}

    private FlipPlan() {}

    static List<Flip> of(Path data, int flips, Random random) throws IOException {
        var byKind = new TreeMap<String, List<Target>>();
        List<Path> files;
        try (Stream<Path> all = Files.walk(data)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            long size = Files.size(file);
            if (size == 0) continue;
            Path relative = data.relativize(file);
            byKind.computeIfAbsent(kind(relative), k -> new ArrayList<>())
                    .add(new Target(relative, size, usedBytes(file)));
        }
        if (byKind.isEmpty()) throw new RigException("nothing to damage in " + data);
        List<String> kinds = List.copyOf(byKind.keySet());
        List<Flip> plan = new ArrayList<>();
        for (int i = 0; i < flips; i++) {
            String kind = kinds.get(i % kinds.size());
            List<Target> targets = byKind.get(kind);
            Target target = targets.get(random.nextInt(targets.size()));
            boolean inUsedPart = target.usedBytes > 0 && random.nextInt(100) < IN_USED_PART_OF_100;
            long offset = random.nextLong(inUsedPart ? target.usedBytes : target.sizeBytes);
            plan.add(new Flip(kind, target.file, offset, random.nextInt(8)));
        }
        return plan;
    }

    /** Directory and extension, numbers left out: {@code commitlog/*.log}, {@code catalog/*.catalog}. */
    static String kind(Path relative) {
        return relative.toString().replaceAll("[0-9a-f]{8,}|\\d+", "*");
    }

    /** Up to the last byte that is not zero: the rest is preallocated. */
    static long usedBytes(Path file) throws IOException {
        try (var bytes = new RandomAccessFile(file.toFile(), "r")) {
            byte[] block = new byte[1 << 16];
            long end = bytes.length();
            while (end > 0) {
                int length = (int) Math.min(block.length, end);
                bytes.seek(end - length);
                bytes.readFully(block, 0, length);
                for (int i = length - 1; i >= 0; i--) {
                    if (block[i] != 0) return end - length + i + 1;
                }
                end -= length;
            }
            return 0;
        }
    }
}
