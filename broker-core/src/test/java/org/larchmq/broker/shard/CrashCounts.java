package org.larchmq.broker.shard;

import java.util.Map;
import java.util.TreeMap;

/** What happened in many runs of {@link ShardCrashRun}. */
final class CrashCounts {
    /** Classes whose presence on the stack says what the shard was doing beside requests. */
    private static final Map<String, String> BY_CLASS = Map.ofEntries(
            Map.entry("Relocation", "relocation"),
            Map.entry("DelayedDelivery", "delayed messages"),
            Map.entry("ExpirySweep", "expiry"),
            Map.entry("Checkpointer", "checkpoint"),
            Map.entry("OwedWork", "what ended connections leave"),
            Map.entry("StoreRecovery", "recovery"),
            Map.entry("CleanStop", "stop"),
            Map.entry("Dispatcher", "delivery"));

    int crashes;
    int exits;
    int statesCompared;
    int statesComparedWithBefore;
    private long faults;
    private final Map<String, Integer> byKind = new TreeMap<>();
    private final Map<String, Integer> byOperation = new TreeMap<>();

    /**
     * @param fault what failed, and where
     * @param doing the request that was made last
     */
    void met(String fault, String doing) {
        faults++;
        byKind.merge(fault, 1, Integer::sum);
        String inBackground = StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .map(name -> BY_CLASS.get(
                                name.substring(name.lastIndexOf('.') + 1).split("\\$")[0]))
                        .filter(java.util.Objects::nonNull)
                        .findFirst())
                .orElse("the batch after " + doing);
        byOperation.merge(inBackground, 1, Integer::sum);
    }

    long faults() {
        return faults;
    }

    Map<String, Integer> byKind() {
        return byKind;
    }

    Map<String, Integer> byOperation() {
        return byOperation;
    }

    @Override
    public String toString() {
        return crashes + " crashes, " + exits + " of them exits of the shard by itself; " + faults + " faults; "
                + statesCompared + " states rebuilt from the log alone, " + statesComparedWithBefore
                + " compared with the state before\n  by kind: " + byKind + "\n  by operation: " + byOperation;
    }
}
