package org.larchmq.broker.net;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;

/**
 * Has an event loop do something in its next turn: after it has looked at the network once more. A loop runs its tasks until
 * there are none left, so that a task which has itself executed again would keep all connections waiting meanwhile.
 */
public final class NextTurn {
    private final SingleThreadEventLoop loop;

    public NextTurn(EventLoop loop) {
        this.loop = (SingleThreadEventLoop) loop;
    }

    /** Runs a task when the loop has looked at the network. */
    public void execute(Runnable task) {
        atEndOfThisTurn(() -> loop.execute(task));
    }

    /** Runs something short when the loop has done what it has at hand, before it looks at the network again. */
    void atEndOfThisTurn(Runnable task) {
        loop.executeAfterEventLoopIteration(task);
    }
}
