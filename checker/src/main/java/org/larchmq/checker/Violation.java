package org.larchmq.checker;

import java.util.List;

/**
 * @param invariant for example {@code J1}
 * @param mids messages involved
 * @param records the history of those messages, and the failures around them; cut after 40
 */
public record Violation(String invariant, String explanation, List<Mid> mids, List<HistoryRecord> records) {
    public Violation {
        mids = List.copyOf(mids);
        records = List.copyOf(records);
    }
}
