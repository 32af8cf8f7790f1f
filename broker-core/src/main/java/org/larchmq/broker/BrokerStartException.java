package org.larchmq.broker;

/** A broker could not start; the message is one sentence that says what is wrong and what to do. */
public final class BrokerStartException extends Exception {
    public BrokerStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
