package org.larchmq.checker;

import java.util.Set;

/**
 * What the checker allows beyond the invariants themselves.
 *
 * @param autoAckWindow AUTO_ACKNOWLEDGE and DUPS_OK sessions that name no window of their own: how many of the messages
 *     consumed last may repeat after a failure (J5)
 * @param clockSkewMillis how far the clocks of clients and broker may be apart, dispatch included (J11, J12)
 * @param reportedDamaged messages the broker reported as damaged: their loss is legal (J1, J18)
 * @param drained whether the history ends with everything drained until quiet; otherwise nothing can be called lost
 * @param deadLetterQueue as it appears in {@code dest}
 * @param maxDeliveries attempts before a message may be dead-lettered; 0 does not check it (J13)
 * @param maxListed violations described in full per invariant; all are counted
 */
public record CheckerSettings(
        int autoAckWindow,
        long clockSkewMillis,
        Set<Mid> reportedDamaged,
        boolean drained,
        String deadLetterQueue,
        int maxDeliveries,
        int maxListed) {

    public CheckerSettings {
        if (autoAckWindow < 1) throw new IllegalArgumentException("autoAckWindow must be at least 1: " + autoAckWindow);
        if (clockSkewMillis < 0) throw new IllegalArgumentException("clockSkewMillis is negative: " + clockSkewMillis);
        if (maxListed < 1) throw new IllegalArgumentException("maxListed must be at least 1: " + maxListed);
        reportedDamaged = Set.copyOf(reportedDamaged);
    }

    public static CheckerSettings defaults() {
        return new CheckerSettings(1, 100, Set.of(), true, "queue:DLQ", 0, 20);
    }

    public CheckerSettings withAutoAckWindow(int messages) {
        return new CheckerSettings(
                messages, clockSkewMillis, reportedDamaged, drained, deadLetterQueue, maxDeliveries, maxListed);
    }

    public CheckerSettings withClockSkewMillis(long millis) {
        return new CheckerSettings(
                autoAckWindow, millis, reportedDamaged, drained, deadLetterQueue, maxDeliveries, maxListed);
    }

    public CheckerSettings withReportedDamaged(Set<Mid> messages) {
        return new CheckerSettings(
                autoAckWindow, clockSkewMillis, messages, drained, deadLetterQueue, maxDeliveries, maxListed);
    }

    public CheckerSettings withDrained(boolean isDrained) {
        return new CheckerSettings(
                autoAckWindow, clockSkewMillis, reportedDamaged, isDrained, deadLetterQueue, maxDeliveries, maxListed);
    }

    public CheckerSettings withDeadLetterQueue(String dest) {
        return new CheckerSettings(
                autoAckWindow, clockSkewMillis, reportedDamaged, drained, dest, maxDeliveries, maxListed);
    }

    public CheckerSettings withMaxDeliveries(int attempts) {
        return new CheckerSettings(
                autoAckWindow, clockSkewMillis, reportedDamaged, drained, deadLetterQueue, attempts, maxListed);
    }
}
