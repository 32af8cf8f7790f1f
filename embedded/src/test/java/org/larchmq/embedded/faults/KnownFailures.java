package org.larchmq.embedded.faults;

import java.util.List;

/** Combinations that do not end as documented yet: not part of the default run. */
final class KnownFailures {
    private static final List<String> BEGINNINGS = List.of("MessageProducer.send(CompletionListener)");

    private KnownFailures() {}

    static boolean contain(Combination combination) {
        return BEGINNINGS.stream().anyMatch(combination.name()::startsWith);
    }
}
