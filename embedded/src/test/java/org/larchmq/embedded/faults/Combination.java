package org.larchmq.embedded.faults;

/** A call, a fault, and a kind of URL. */
record Combination(ApiCall call, Fault fault, boolean failsOver) {
    /** Every option that bounds a call. */
    static final int TIMEOUT_MILLIS = 1_000;

    private static final int HEARTBEAT_MILLIS = 1_000;
    private static final int RESTORE_MILLIS = 15_000;
    private static final int RESTORE_IN_VAIN_MILLIS = 1_500;

    /** Timeouts that one call may need one after the other: a request, its restore, and its repetition. */
    private static final int TIMEOUTS_PER_CALL = 3;

    boolean isPossible() {
        if (fault.needsFailover() && !failsOver) return false;
        return call.canMeet(fault);
    }

    String name() {
        return call.name() + " / " + fault + " / " + (failsOver ? "failover" : "tcp");
    }

    String uri(int port) {
        String broker = "tcp://127.0.0.1:" + port;
        String options = "?connectTimeout=" + 2 * TIMEOUT_MILLIS + "&requestTimeout=" + TIMEOUT_MILLIS + "&sendTimeout="
                + TIMEOUT_MILLIS + "&closeTimeout=" + TIMEOUT_MILLIS + "&heartbeat=" + HEARTBEAT_MILLIS;
        if (!call.options().isEmpty()) options += "&" + call.options();
        if (!failsOver) return broker + options;
        return "failover:(" + broker + ")" + options + "&initialReconnectDelay=10ms&maxReconnectDelay=100ms&timeout="
                + restoreMillis() + "&startupMaxReconnectAttempts=" + (fault.isForGood() ? 1 : 5);
    }

    private int restoreMillis() {
        return fault.isForGood() ? RESTORE_IN_VAIN_MILLIS : RESTORE_MILLIS;
    }

    /** What docs/timeouts.md promises. */
    long boundMillis() {
        long bound = (long) TIMEOUTS_PER_CALL * TIMEOUT_MILLIS;
        if (call.family() == ApiCall.Family.CONNECT) bound += 5L * TIMEOUT_MILLIS;
        if (call.family() == ApiCall.Family.RECEIVE) bound += 2 * Stage.PATIENCE_MILLIS;
        return failsOver ? bound + restoreMillis() : bound;
    }

    /** Closing knows one timeout, however much there is to close. */
    static long closeBoundMillis() {
        return TIMEOUT_MILLIS;
    }
}
