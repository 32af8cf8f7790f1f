package org.larchmq.broker;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Divides the memory outside of the heap (-XX:MaxDirectMemorySize) between the newest part of the log and clients. */
final class DirectMemory {
    private static final Logger LOG = LoggerFactory.getLogger(DirectMemory.class);
    private static final long SMALLEST_SHARE = 4L << 20;
    private static final long LARGEST_SHARE = 1L << 30;
    /** One for what leaves, one for what arrives; the others for the holes between buffers and those that are being filled. */
    private static final int SHARES = 8;

    private static final int FEWEST_SHARES = 6;

    private DirectMemory() {}

    /**
     * The share for what waits until clients read it; what arrives may take as much.
     *
     * @param most bytes outside of the heap
     * @param tail bytes of them for the log
     * @throws BrokerStartException when clients could not be served with what is left
     */
    static long shareOfClients(long most, long tail) throws BrokerStartException {
        long share = Math.min(LARGEST_SHARE, (most - tail) / SHARES);
        if (share >= SMALLEST_SHARE) return share;
        String text =
                "the memory outside of the heap is %s: -XX:MaxDirectMemorySize is %d bytes, the newest part of the log"
                        + " takes %d of it (store.tailMemory), and clients need at least %d. Remedy: raise the one or lower the"
                        + " other";
        long need = FEWEST_SHARES * SMALLEST_SHARE;
        if (most - tail < need) throw new BrokerStartException(text.formatted("too small", most, tail, need), null);
        LOG.warn(text.formatted("short", most, tail, SHARES * SMALLEST_SHARE));
        return SMALLEST_SHARE;
    }
}
