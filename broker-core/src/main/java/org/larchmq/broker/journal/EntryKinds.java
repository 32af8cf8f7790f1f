package org.larchmq.broker.journal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** All types of entries that the broker writes and reads. */
public final class EntryKinds {
    /**
     * Numbers that stand for nothing and are not given to a new type: they were set aside and never written. The number of
     * a type that is removed joins them.
     */
    public static final List<Integer> RETIRED_NUMBERS = List.of(15, 16, 19, 20, 25, 26);

    private static final EntryKind[] BY_NUMBER = new EntryKind[128];
    private static final List<EntryKind> ALL = new ArrayList<>();

    static {
        List.of(
                        MessageEntry.KINDS,
                        SettlementEntry.KINDS,
                        TransactionEntry.KINDS,
                        BranchEntry.KINDS,
                        TopologyEntry.KINDS,
                        ScheduleEntry.KINDS,
                        ShardEntry.KINDS)
                .forEach(ALL::addAll);
        ALL.sort(Comparator.comparing(EntryKind::number));
        for (EntryKind kind : ALL) {
            if (BY_NUMBER[kind.number()] != null) throw new IllegalStateException("two entries " + kind.number());
            BY_NUMBER[kind.number()] = kind;
        }
    }

    private EntryKinds() {}

    /** Every type, by number. */
    public static List<EntryKind> all() {
        return Collections.unmodifiableList(ALL);
    }

    /** The type with a number; null when there is none. */
    static EntryKind of(byte number) {
        return number < 0 ? null : BY_NUMBER[number];
    }
}
