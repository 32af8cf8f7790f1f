package org.larchmq.store.log;

import java.util.List;

/** What repair gave up, so that the log can be opened again. */
public record RepairReport(List<LostRange> lost) {
    public RepairReport {
        lost = List.copyOf(lost);
    }

    /** Bytes that held entries and are now a hole; file positions relate to the named file. */
    public record LostRange(String file, long filePosition, long physicalOffset, long bytes) {}
}
