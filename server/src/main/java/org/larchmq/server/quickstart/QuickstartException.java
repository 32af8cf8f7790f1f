package org.larchmq.server.quickstart;

/** The tour came out differently from what it promises. The message says at which step and what was seen. */
public final class QuickstartException extends RuntimeException {
    QuickstartException(String message) {
        super(message);
    }

    QuickstartException(String message, Throwable cause) {
        super(message, cause);
    }
}
