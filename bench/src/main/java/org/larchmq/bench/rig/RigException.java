package org.larchmq.bench.rig;

/** The rig itself cannot go on, or found something that is not a matter of the history: a hang, a refused start. */
final class RigException extends RuntimeException {
    RigException(String message) {
        super(message);
    }

    RigException(String message, Throwable cause) {
        super(message, cause);
    }
}
