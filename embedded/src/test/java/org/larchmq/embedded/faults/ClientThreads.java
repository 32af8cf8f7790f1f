package org.larchmq.embedded.faults;

import java.util.Arrays;
import java.util.List;

/** Finds threads by name, without stopping all of them for it as {@code Thread.getAllStackTraces} does. */
final class ClientThreads {
    private ClientThreads() {}

    /** Every thread that lives. */
    static List<Thread> all() {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) root = root.getParent();
        Thread[] found = new Thread[root.activeCount() + 64];
        int count = root.enumerate(found);
        while (count == found.length) { // some may be missing
            found = new Thread[2 * found.length];
            count = root.enumerate(found);
        }
        return List.copyOf(Arrays.asList(found).subList(0, count));
    }
}
