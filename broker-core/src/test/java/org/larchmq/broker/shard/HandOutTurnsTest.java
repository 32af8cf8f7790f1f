package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;

/** Destinations of which much is handed out share the loop's time; one of which little is wanted does not wait for them. */
class HandOutTurnsTest {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000 * MICRO;
    private static final long GIVING_NANOS = 5 * MICRO;
    private static final int BUSY = 20;

    private final SimulatedClock clock = new SimulatedClock();
    private final SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), clock);

    private SimulatedClient client() {
        SimulatedClient client = broker.connect();
        client.whileGiven = () -> clock.advanceNanos(GIVING_NANOS);
        return client;
    }

    private void fill(SimulatedClient client, String queue, int messages) {
        int handle = client.queue(queue);
        for (int i = 1; i <= messages; i++) {
            client.send(handle, SimulatedClient.message(7, i, new byte[10], false, 4, 0, "red"), code -> {});
        }
        broker.run();
    }

    /** One task of the loop, between which connections have their turn. */
    private boolean step() {
        long began = clock.nanoTime();
        boolean done = broker.loop.runOne();
        assertThat(clock.nanoTime() - began).as("time of a task").isLessThan(2 * MILLI);
        return done;
    }

    /** Runs until a client has got so many messages; returns the time. */
    private long until(SimulatedClient client, int deliveries) {
        long began = clock.nanoTime();
        while (client.deliveries.size() < deliveries) {
            assertThat(step()).as("something goes on").isTrue();
            clock.advanceNanos(MICRO);
        }
        return clock.nanoTime() - began;
    }

    @Test
    void aMessageForAQuietQueueDoesNotWaitForDeepOnes() {
        SimulatedClient greedy = client();
        for (int i = 1; i <= BUSY; i++) {
            fill(greedy, "deep " + i, 2_000);
            greedy.consume(i, DestinationKind.QUEUE, "deep " + i, "", 1_000_000, reply -> {});
        }
        SimulatedClient modest = client();
        int quiet = modest.queue("quiet");
        modest.consume(1, DestinationKind.QUEUE, "quiet", "", 100, reply -> {});
        for (int i = 0; i < 50; i++) step();
        clock.advanceNanos(20 * MILLI);
        for (int i = 1; i <= 20; i++) {
            modest.send(quiet, SimulatedClient.message(9, i, new byte[1], true, 4, 0), code -> {});
            assertThat(until(modest, i)).isLessThan(3 * MILLI);
            for (int turn = 0; turn < 10; turn++) step();
        }
        assertThat(greedy.deliveries.size()).as("they get their turn meanwhile").isGreaterThan(1_000);
        broker.run();
        assertThat(greedy.deliveries).hasSize(BUSY * 2_000);
    }

    @Test
    void aLookIntoAQueueIsAnsweredInSlices() {
        SimulatedClient looking = client();
        fill(looking, "deep", 1_000);
        looking.consume(1, DestinationKind.QUEUE, "deep", "", 0, Frames.CreateConsumer.BROWSER, reply -> {});
        List<Frames.Reply> answers = new ArrayList<>();
        for (int asked = 1; looking.deliveries.size() < 1_000; asked++) {
            long began = clock.nanoTime();
            looking.browse(1, 1_000, answers::add);
            assertThat(clock.nanoTime() - began).isLessThan(MILLI);
            broker.run();
            assertThat(asked).isLessThan(1_000);
        }
    }
}
