package org.larchmq.broker.shard;

/** The time that a connection has now. */
public interface Turn {
    /** Has no end. */
    Turn ENDLESS = () -> false;

    /** Whether what is long goes on in another turn. */
    boolean isOver();
}
