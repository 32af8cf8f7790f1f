package org.larchmq.broker.selector;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Evaluations per microsecond on one core: {@code java -cp <test class path> org.openjdk.jmh.Main SelectorBenchmark}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SelectorBenchmark {
    private static final String TAG = "tag = 'T3'";
    private static final String USUAL = "a = 'x' AND b > 5";
    private static final String LISTS = "b BETWEEN 1 AND 9 AND c LIKE 'order-%' AND d IN ('eu', 'us', 'jp')";
    private static final String HEADERS = "JMSPriority > 3 AND JMSType = 'invoice'";
    private static final String ARITHMETIC = "missing IS NULL AND b * 2 + 1 > 11.5";

    @Param({TAG, USUAL, LISTS, HEADERS, ARITHMETIC})
    public String text;

    private final Selector[] mixed = Stream.of(TAG, USUAL, LISTS, HEADERS, ARITHMETIC)
            .map(Selector::parse)
            .toArray(Selector[]::new);
    private Selector selector;
    private ByteBuffer oneProperty;
    private ByteBuffer fiveProperties;
    private ByteBuffer directFiveProperties;

    @Setup
    public void prepare() {
        selector = Selector.parse(text);
        TestMessage small = TestMessage.with("tag", "T3");
        small.bodyBytes = 1024;
        oneProperty = small.encode();
        TestMessage large = TestMessage.with("tag", "T4", "a", "x", "b", 7, "c", "order-4711", "d", "jp");
        large.type = "invoice";
        large.bodyBytes = 1024;
        fiveProperties = large.encode();
        directFiveProperties = ByteBuffer.allocateDirect(fiveProperties.limit());
        directFiveProperties.put(0, fiveProperties, 0, fiveProperties.limit());
    }

    @Benchmark
    public boolean oneProperty() {
        return selector.matches(oneProperty, 0, 1);
    }

    @Benchmark
    public boolean fiveProperties() {
        return selector.matches(fiveProperties, 0, 1);
    }

    @Benchmark
    public boolean fivePropertiesInDirectMemory() {
        return selector.matches(directFiveProperties, 0, 1);
    }

    /** Five different selectors in turn, so that no call in the tree of conditions has only one target. */
    @Benchmark
    @OperationsPerInvocation(5)
    public int fiveSelectorsInTurn() {
        int matching = 0;
        for (Selector each : mixed) matching += each.matches(fiveProperties, 0, 1) ? 1 : 0;
        return matching;
    }

    @Benchmark
    public Selector parse() {
        return Selector.parse(text);
    }
}
