package org.larchmq.broker;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.larchmq.broker.shard.ShardLoop;

/**
 * The event loop on which a shard runs.
 *
 * @param ended told of an Error in a task: whatever it left undone, the shard cannot go on
 */
record EventLoopOfShard(EventLoop eventLoop, Consumer<Error> ended) implements ShardLoop {
    @Override
    public void execute(Runnable task) {
        eventLoop.execute(() -> run(task));
    }

    @Override
    public void executeLater(Runnable task, long delayMillis) {
        eventLoop.schedule(() -> run(task), delayMillis, TimeUnit.MILLISECONDS);
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Error e) {
            ended.accept(e);
            throw e;
        }
    }
}
