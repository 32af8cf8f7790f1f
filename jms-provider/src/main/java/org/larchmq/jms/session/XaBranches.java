package org.larchmq.jms.session;

import java.util.HashMap;
import java.util.Map;
import org.larchmq.jms.net.Transport;
import org.larchmq.message.BranchId;

/**
 * The branches that sessions of a connection have worked for and that are neither prepared nor ended: they end with the
 * transport they were begun on. Safe from any thread.
 */
final class XaBranches {
    private final Map<BranchId, Transport> unprepared = new HashMap<>();
    private Runnable whenNone;

    synchronized void add(BranchId branch, Transport transport) {
        unprepared.put(branch, transport);
    }

    /** Whether this connection has worked for the branch. */
    synchronized boolean contains(BranchId branch) {
        return unprepared.containsKey(branch);
    }

    /** Whether the branch was rolled back by the loss of its connection. */
    synchronized boolean isLost(BranchId branch) {
        Transport transport = unprepared.get(branch);
        return transport != null && transport.end() != null;
    }

    void remove(BranchId branch) {
        Runnable due = null;
        synchronized (this) {
            unprepared.remove(branch);
            if (unprepared.isEmpty()) {
                due = whenNone;
                whenNone = null;
            }
        }
        if (due != null) due.run();
    }

    /** Runs the action when no branch is left: now, or by whoever ends the last one. */
    void whenNone(Runnable action) {
        synchronized (this) {
            if (!unprepared.isEmpty()) {
                whenNone = action;
                return;
            }
        }
        action.run();
    }
}
