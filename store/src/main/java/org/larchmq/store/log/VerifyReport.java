package org.larchmq.store.log;

import java.util.List;

/**
 * What a scan of the whole log found.
 *
 * @param entries    valid entries
 * @param validBytes bytes they occupy
 * @param endOffset  behind the last valid entry
 * @param faults     in order of physicalOffset; empty when every byte up to endOffset is what was written
 */
public record VerifyReport(long entries, long validBytes, long endOffset, List<Fault> faults) {
    public VerifyReport {
        faults = List.copyOf(faults);
    }

    /** Bytes that are not a valid entry although valid ones follow, or a known flush covers them. */
    public record Fault(String file, long filePosition, long physicalOffset, long bytes, String description) {}
}
