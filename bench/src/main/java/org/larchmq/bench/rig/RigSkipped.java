package org.larchmq.bench.rig;

/** The machine lacks what the rig needs; the reason is printed and the exit code tells. */
final class RigSkipped extends RuntimeException {
    static final int EXIT_CODE = 77;

    RigSkipped(String reason) {
        super(reason);
    }
}
