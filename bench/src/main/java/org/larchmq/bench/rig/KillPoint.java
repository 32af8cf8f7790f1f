package org.larchmq.bench.rig;

/** Moments of a transaction over two resources, in their order. */
enum KillPoint {
    BEFORE_START,
    AFTER_START,
    BEFORE_END,
    AFTER_END,
    BEFORE_FIRST_PREPARE,
    AFTER_FIRST_PREPARE,
    BEFORE_SECOND_PREPARE,
    /** Both are prepared, and the transaction manager has not written down its decision. */
    AFTER_SECOND_PREPARE,
    /** The decision is on the disk. */
    BEFORE_FIRST_COMMIT,
    AFTER_FIRST_COMMIT,
    BEFORE_SECOND_COMMIT,
    AFTER_SECOND_COMMIT
}
