package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.NioDisk;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Append, flush and read of 1 KiB entries on the real disk; run main. The directory is -Dbench.dir, else the current one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class CommitLogBenchmark {
    private static final int PAYLOAD_BYTES = 1024;
    private static final int ENTRY_BYTES = EntryFormat.HEADER_BYTES + PAYLOAD_BYTES;
    private static final int DISK_ENTRIES = 50_000;

    private final byte[] payload = new byte[PAYLOAD_BYTES];
    private final byte[] sink = new byte[PAYLOAD_BYTES];
    private final long[] offsets = new long[DISK_ENTRIES];
    private Path directory;
    private ExecutorService background;
    private CommitLog log;
    private int nextDisk;
    private int nextTail;

    public static void main(String[] args) throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(CommitLogBenchmark.class.getSimpleName())
                        .build())
                .run();
    }

    /** Entries per flush of {@link #appendAndFlush}. */
    @State(Scope.Thread)
    public static class Group {
        @Param({"1", "8", "32", "100"})
        public int entries;
    }

    @Setup(Level.Trial)
    public void open() throws Exception {
        directory = Files.createTempDirectory(Path.of(System.getProperty("bench.dir", ".")), "larchmq-bench");
        background = Executors.newSingleThreadExecutor();
        NioDisk disk = new NioDisk(directory);
        log = new CommitLog(
                disk, "commitlog", CommitLogSettings.defaultsFor(disk), Clock.system(), SegmentHead.NONE, background);
        log.recover(0, (o, s, t, e, m, p) -> {});
        for (int i = 0; i < DISK_ENTRIES; i++) {
            offsets[i] = append();
            if (i % 1000 == 0) log.write();
        }
        log.write();
        log.force();
    }

    @TearDown(Level.Trial)
    public void close() throws Exception {
        log.close();
        background.shutdown();
        background.awaitTermination(10, TimeUnit.SECONDS);
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) Files.delete(path);
        }
    }

    /** In memory, with one write per 64 entries as in a batch. */
    @Benchmark
    public long appendAndWriteBy64() {
        long offset = append();
        if (++nextTail % 64 == 0) log.write();
        if (nextTail % 500_000 == 0) shrink();
        return offset;
    }

    @Benchmark
    public long appendAndFlush(Group group) {
        long offset = 0;
        for (int i = 0; i < group.entries; i++) offset = append();
        log.write();
        log.force();
        nextTail += group.entries;
        if (nextTail % 500_000 < group.entries) log.deleteSegmentsBefore(log.flushedOffset());
        return offset;
    }

    @Benchmark
    public byte[] readFromTail() {
        int back = 1 + (nextTail++ & 8191);
        log.read(offsets[DISK_ENTRIES - back], ENTRY_BYTES).get(sink);
        return sink;
    }

    /** Forward through entries that have left the memory, from the page cache. */
    @Benchmark
    public byte[] readForwardFromDisk() {
        log.read(offsets[nextDisk], ENTRY_BYTES).get(sink);
        nextDisk = (nextDisk + 1) % (DISK_ENTRIES / 4);
        return sink;
    }

    private void shrink() {
        log.write();
        log.force();
        log.deleteSegmentsBefore(log.flushedOffset());
    }

    private long append() {
        ByteBuffer buffer = log.begin((byte) 1, PAYLOAD_BYTES, 0);
        buffer.put(payload);
        return log.end();
    }
}
