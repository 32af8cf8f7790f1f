package org.larchmq.broker;

import java.util.function.Consumer;
import org.larchmq.store.log.CommitLog;

/**
 * Says in the log when the broker comes to a limit that clients feel, and when it is away from it again: the disk's
 * high-water mark, near which senders are slowed and at which they are refused, and the memory for messages that are not in
 * the log. Looked at now and then on the shard's thread; says each change once.
 */
final class LimitWarnings {
    /** Used memory, in percent of the budget, at which a warning is due, and below which all is well again. */
    private static final int MEMORY_HIGH_PERCENT = 95, MEMORY_LOW_PERCENT = 80;

    private static final int HIGHEST_PRESSURE = 4;

    private final Consumer<String> warn;
    private DiskState disk = DiskState.FAR;
    private boolean memoryIsShort;

    private enum DiskState {
        FAR,
        SLOWING,
        REFUSING
    }

    /** @param warn takes one line */
    LimitWarnings(Consumer<String> warn) {
        this.warn = warn;
    }

    /** @param log whose disk is looked at */
    void look(CommitLog log, long memoryUsedBytes, long memoryLimitBytes) {
        boolean accepts = log.acceptsMessages();
        lookAtDisk(accepts ? log.spacePressure() : HIGHEST_PRESSURE, accepts, log.usableBytes(), log.reservedBytes());
        lookAtMemory(memoryUsedBytes, memoryLimitBytes);
    }

    /** @param pressure from 0 to 4, see {@link CommitLog#spacePressure} */
    void lookAtDisk(int pressure, boolean accepts, long usableBytes, long reservedBytes) {
        DiskState now = !accepts ? DiskState.REFUSING : pressure > 0 ? DiskState.SLOWING : DiskState.FAR;
        if (now == disk) return;
        disk = now;
        String figures = mebibytes(usableBytes) + " of the data directory's disk are free, " + mebibytes(reservedBytes)
                + " are kept free (store.reserved)";
        warn.accept(
                switch (now) {
                    case REFUSING ->
                        "The disk is at its high-water mark: messages are refused, acknowledgements are taken; "
                                + figures + ". Free space, or let consumers drain queues: sending resumes by itself";
                    case SLOWING ->
                        "The disk is near its high-water mark: senders are slowed; " + figures
                                + ". Free space, or let consumers drain queues";
                    case FAR -> "The disk is away from its high-water mark: senders go on as usual; " + figures;
                });
    }

    void lookAtMemory(long usedBytes, long limitBytes) {
        long percent = limitBytes == 0 ? 0 : 100 * usedBytes / limitBytes;
        if (!memoryIsShort && percent >= MEMORY_HIGH_PERCENT) {
            memoryIsShort = true;
            warn.accept("The memory for messages that are not in the log is used up: " + mebibytes(usedBytes) + " of "
                    + mebibytes(limitBytes)
                    + " (limits.memoryBudget); further ones go through the log. Let consumers drain their queues, or raise"
                    + " it");
        } else if (memoryIsShort && percent < MEMORY_LOW_PERCENT) {
            memoryIsShort = false;
            warn.accept("There is memory for messages that are not in the log again: " + mebibytes(usedBytes) + " of "
                    + mebibytes(limitBytes) + " are used (limits.memoryBudget)");
        }
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
