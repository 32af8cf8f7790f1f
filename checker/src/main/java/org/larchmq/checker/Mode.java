package org.larchmq.checker;

/** JMSDeliveryMode. */
public enum Mode {
    PERSISTENT,
    NON_PERSISTENT
}
