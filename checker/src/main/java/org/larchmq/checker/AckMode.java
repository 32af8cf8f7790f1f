package org.larchmq.checker;

/** How a session acknowledges; decides what may repeat after a failure (J5). */
public enum AckMode {
    AUTO,
    CLIENT,
    DUPS_OK,
    TRANSACTED
}
