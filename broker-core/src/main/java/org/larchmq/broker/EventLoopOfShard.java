package org.larchmq.broker;

import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import org.larchmq.broker.net.LoopTasks;
import org.larchmq.broker.net.NextTurn;
import org.larchmq.broker.shard.ShardLoop;

/**
 * The event loop on which a shard runs. What a task of the shard leaves to be done is done after the loop has looked at the
 * network, so that long work in steps keeps no connection waiting for more than a step.
 */
final class EventLoopOfShard implements ShardLoop {
    private final EventLoop eventLoop;
    private final NextTurn nextTurn;
    private final LoopTasks tasks;
    private boolean running; // on the loop only

    /** @param ended told what a task has thrown: whatever it left undone, the shard cannot go on */
    EventLoopOfShard(EventLoop eventLoop, Consumer<Throwable> ended) {
        this.eventLoop = eventLoop;
        this.nextTurn = new NextTurn(eventLoop);
        this.tasks = new LoopTasks(eventLoop, ended);
    }

    @Override
    public void execute(Runnable task) {
        if (eventLoop.inEventLoop() && running) nextTurn.execute(() -> tasks.run(() -> run(task)));
        else tasks.execute(() -> run(task));
    }

    @Override
    public void executeLater(Runnable task, long delayMillis) {
        tasks.executeLater(() -> run(task), delayMillis);
    }

    private void run(Runnable task) {
        running = true;
        try {
            task.run();
        } finally {
            running = false;
        }
    }
}
