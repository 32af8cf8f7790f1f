package org.larchmq.broker.net;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many connections the process may have beside the files of the store, by the limit of the operating system on what
 * it may have open.
 */
final class OpenFiles {
    /** Kept for the store, and for connections that are refused. */
    private static final long SMALLEST_RESERVE = 48;

    private static final long LARGEST_RESERVE = 512;

    private final long most;
    private final long open;

    OpenFiles(long most, long open) {
        this.most = most;
        this.open = open;
    }

    /** What the operating system says now; without a limit where it says nothing. */
    static OpenFiles ofThisProcess() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            return new OpenFiles(system.getMaxFileDescriptorCount(), system.getOpenFileDescriptorCount());
        }
        return new OpenFiles(Long.MAX_VALUE, 0);
    }

    /** Most files and connections that the process may have open. */
    long most() {
        return most;
    }

    /** Those that it has open. */
    long open() {
        return open;
    }

    /** Connections that fit beside what is open and a reserve for the store; at least 1. */
    int connections() {
        if (most <= 0 || most == Long.MAX_VALUE) return Integer.MAX_VALUE;
        long reserve = Math.min(LARGEST_RESERVE, Math.max(SMALLEST_RESERVE, most / 8));
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, most - Math.max(0, open) - reserve));
    }
}
