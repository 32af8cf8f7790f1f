package org.larchmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.net.LoopTasks;

/** Long work in steps on the shard's loop lets connections have their turn between the steps. */
class EventLoopOfShardTest {
    private static final int PATIENCE_SECONDS = 30;
    private static final int STEPS = 200;

    private final AtomicInteger looksAtTheNetwork = new AtomicInteger();

    @Test
    void theLoopLooksAtTheNetworkBetweenTheStepsOfLongWork() throws Exception {
        EventLoop eventLoop = new MultiThreadIoEventLoopGroup(1, counting()).next();
        try {
            EventLoopOfShard loop = new EventLoopOfShard(eventLoop, error -> {});
            CountDownLatch done = new CountDownLatch(STEPS);
            AtomicInteger before = new AtomicInteger();
            loop.execute(() -> {
                before.set(looksAtTheNetwork.get());
                step(loop, done);
            });
            assertThat(done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(looksAtTheNetwork.get() - before.get()).isGreaterThanOrEqualTo(STEPS - 1);
        } finally {
            eventLoop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatATaskThrowsIsTold() throws Exception {
        EventLoop eventLoop = new MultiThreadIoEventLoopGroup(1, counting()).next();
        try {
            BlockingQueue<Throwable> told = new LinkedBlockingQueue<>();
            EventLoopOfShard loop = new EventLoopOfShard(eventLoop, told::add);
            OutOfMemoryError now = new OutOfMemoryError("now");
            RuntimeException next = new IllegalStateException("in the next turn");
            OutOfMemoryError later = new OutOfMemoryError("later");
            loop.execute(() -> {
                loop.execute(() -> {
                    throw next;
                });
                throw now;
            });
            assertThat(told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isSameAs(now);
            assertThat(told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isSameAs(next);
            loop.executeLater(
                    () -> {
                        throw later;
                    },
                    1);
            assertThat(told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isSameAs(later);
        } finally {
            eventLoop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    @Test
    void aPeriodicTaskIsRunAgainAfterItHasFailed() throws Exception {
        EventLoop eventLoop = new MultiThreadIoEventLoopGroup(1, counting()).next();
        try {
            BlockingQueue<Throwable> told = new LinkedBlockingQueue<>();
            new LoopTasks(eventLoop, told::add)
                    .executeEvery(
                            () -> {
                                throw new IllegalStateException("again and again");
                            },
                            1);
            for (int i = 0; i < 3; i++)
                assertThat(told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isNotNull();
        } finally {
            eventLoop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    private static void step(EventLoopOfShard loop, CountDownLatch left) {
        left.countDown();
        if (left.getCount() > 0) loop.execute(() -> step(loop, left));
    }

    private IoHandlerFactory counting() {
        IoHandlerFactory factory = NioIoHandler.newFactory();
        return executor -> new CountingIo(factory, executor);
    }

    private final class CountingIo implements IoHandler {
        private final IoHandler io;

        CountingIo(IoHandlerFactory factory, ThreadAwareExecutor executor) {
            io = factory.newHandler(executor);
        }

        @Override
        public void initialize() {
            io.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
            looksAtTheNetwork.incrementAndGet();
            return io.run(context);
        }

        @Override
        public void prepareToDestroy() {
            io.prepareToDestroy();
        }

        @Override
        public void destroy() {
            io.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return io.register(handle);
        }

        @Override
        public void wakeup() {
            io.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return io.isCompatible(type);
        }
    }
}
