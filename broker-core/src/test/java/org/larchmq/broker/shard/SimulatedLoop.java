package org.larchmq.broker.shard;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import org.larchmq.store.io.SimulatedClock;

/** A shard's loop whose time stands still until a test moves it. */
final class SimulatedLoop implements ShardLoop {
    private final SimulatedClock clock;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private long order;
    private long executed;

    private record Timer(long dueMillis, long order, Runnable task) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(dueMillis, other.dueMillis);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    SimulatedLoop(SimulatedClock clock) {
        this.clock = clock;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void executeLater(Runnable task, long delayMillis) {
        timers.add(new Timer(monotonicMillis() + delayMillis, order++, task));
    }

    private long monotonicMillis() {
        return clock.nanoTime() / 1_000_000;
    }

    /** Runs one task; false when there is none. */
    boolean runOne() {
        Runnable task = tasks.poll();
        if (task == null) return false;
        executed++;
        task.run();
        return true;
    }

    /** Tasks that were run so far. */
    long executed() {
        return executed;
    }

    /** Runs until nothing is left to do now. */
    void runAll() {
        for (int i = 0; runOne(); i++) {
            if (i > 1_000_000) throw new AssertionError("the loop never comes to rest");
        }
    }

    void advance(long millis) {
        clock.advanceMillis(millis);
        while (!timers.isEmpty() && timers.peek().dueMillis <= monotonicMillis()) {
            execute(timers.poll().task);
        }
    }
}
