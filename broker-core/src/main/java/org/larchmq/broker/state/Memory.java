package org.larchmq.broker.state;

/** What the broker knows of a message that may have been sent before. */
public enum Memory {
    STORED,
    NOT_STORED,
    /** It is too long ago. */
    FORGOTTEN
}
