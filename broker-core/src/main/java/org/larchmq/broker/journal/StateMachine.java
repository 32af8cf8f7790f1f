package org.larchmq.broker.journal;

/** What entries are applied to. Only {@link Journal} and {@link Replay} call it. */
public interface StateMachine {
    /**
     * Changes the state as an entry says. Cannot fail for want of anything: what it needs was reserved before the entry
     * was written.
     *
     * @param physicalOffset where the entry is in the log
     * @param entryBytes     size of the entry in the log
     */
    void apply(long physicalOffset, int entryBytes, Entry entry);
}
