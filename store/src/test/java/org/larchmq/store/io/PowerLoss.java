package org.larchmq.store.io;

/** The power is gone: thrown by a {@link SimulatedDisk} at the moment of loss and by every call after it. */
public final class PowerLoss extends RuntimeException {
    public PowerLoss() {
        super("power lost", null, false, false);
    }
}
