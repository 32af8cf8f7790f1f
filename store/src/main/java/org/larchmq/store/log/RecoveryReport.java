package org.larchmq.store.log;

/**
 * What recovery found.
 *
 * @param startOffset    physicalOffset of the first retained byte
 * @param endOffset      where appending continues
 * @param entries        how many of the caller's entries were visited
 * @param cutBytes       length of the torn tail that was cut, 0 for none
 * @param cleanlyClosed  whether the log had been closed in order
 */
public record RecoveryReport(long startOffset, long endOffset, long entries, long cutBytes, boolean cleanlyClosed) {}
