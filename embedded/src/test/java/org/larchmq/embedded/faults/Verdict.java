package org.larchmq.embedded.faults;

import java.util.List;

/**
 * What came of a combination.
 *
 * @param ending how the call ended
 * @param wrong  what must not be so; empty when all is well
 */
record Verdict(Combination combination, String ending, long millis, List<String> wrong) {
    Verdict {
        wrong = List.copyOf(wrong);
    }

    boolean isGood() {
        return wrong.isEmpty();
    }

    @Override
    public String toString() {
        return combination.name() + ": " + ending + " after " + millis + " ms" + (isGood() ? "" : " WRONG " + wrong);
    }
}
