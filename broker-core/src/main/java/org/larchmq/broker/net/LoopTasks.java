package org.larchmq.broker.net;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Gives tasks to an event loop, and knows whose they are: an exception out of one is told to its owner, who ends the
 * connection that it belonged to, or the broker. The loop itself would write it to the log and go on, and would not run a
 * periodic task again. Nothing else in the broker gives tasks to an event loop.
 */
public final class LoopTasks {
    private final EventExecutor loop;
    private final Consumer<Throwable> failed;

    /** @param failed told what a task has thrown, on the loop */
    public LoopTasks(EventExecutor loop, Consumer<Throwable> failed) {
        this.loop = loop;
        this.failed = failed;
    }

    /** Runs a task here and now. */
    public void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) { // an Error leaves as much undone as an exception
            failed.accept(e);
        }
    }

    /** Runs a task on the loop, after what waits there already. Any thread. */
    public void execute(Runnable task) {
        loop.execute(() -> run(task));
    }

    /** Runs a task on the loop when the delay is over. Any thread. */
    public ScheduledFuture<?> executeLater(Runnable task, long delayMillis) {
        return loop.schedule(() -> run(task), delayMillis, TimeUnit.MILLISECONDS);
    }

    /** Runs a task on the loop again and again, also after it has failed. Any thread. */
    public void executeEvery(Runnable task, long periodMillis) {
        loop.scheduleAtFixedRate(() -> run(task), periodMillis, periodMillis, TimeUnit.MILLISECONDS);
    }
}
