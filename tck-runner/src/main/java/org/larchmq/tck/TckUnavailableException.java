package org.larchmq.tck;

/** The TCK is not where it was looked for; the message says how to get it. */
final class TckUnavailableException extends RuntimeException {
    TckUnavailableException(String message) {
        super(message);
    }
}
