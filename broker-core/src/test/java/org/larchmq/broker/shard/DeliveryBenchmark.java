package org.larchmq.broker.shard;

import java.util.concurrent.TimeUnit;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The way of a message through the shard without network and disk: send, row or memory, hand-out, acknowledgement. Run
 * with {@code java -cp TEST_CLASS_PATH org.openjdk.jmh.Main DeliveryBenchmark}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DeliveryBenchmark {
    private static final int BATCH = 256;

    private final byte[] message = SimulatedClient.message(1, 1, new byte[1024], false, 4, 0, "T3");
    private SimulatedBroker broker;
    private SimulatedClient client;
    private int queue;
    private int topic;
    private long delivered;
    private long acknowledged;

    @Setup
    public void start() {
        broker = SimulatedBroker.on(new SimulatedDisk(1), new SimulatedClock());
        client = broker.connect();
        queue = client.queue("orders");
        topic = client.handle(DestinationKind.TOPIC, "prices");
        client.onDelivery = delivery -> delivered++;
        client.consume(1, DestinationKind.QUEUE, "orders", "", Integer.MAX_VALUE, reply -> {});
        client.consume(2, DestinationKind.TOPIC, "prices", "tag = 'T4'", Integer.MAX_VALUE, 16, reply -> {});
        broker.run();
    }

    /** Per message: in memory, one consumer, acknowledged in batches. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long sendDeliverAcknowledge() {
        for (int i = 0; i < BATCH; i++) client.send(queue, message, code -> {});
        broker.run();
        client.acknowledge(false, reply -> {}, new long[] {1, acknowledged + 1, BATCH});
        acknowledged += BATCH;
        client.credit(1, BATCH);
        broker.run();
        return delivered;
    }

    /** Per message: published to a subscriber whose selector does not match. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long publishUnwanted() {
        for (int i = 0; i < BATCH; i++) client.send(topic, message, code -> {});
        broker.run();
        return delivered;
    }
}
