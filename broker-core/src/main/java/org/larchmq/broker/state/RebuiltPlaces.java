package org.larchmq.broker.state;

/**
 * Places of the consume queues that the log's entries alone do not give, after the state was rebuilt from the log: those of
 * messages that were moved to the log's end, which come before the first place that the log knows, and those whose entries
 * are gone. Shard thread only.
 */
final class RebuiltPlaces {
    private final ShardState state;

    RebuiltPlaces(ShardState state) {
        this.state = state;
    }

    /**
     * Messages that should be there but whose entries are not in the log.
     * Returns how many; they are settled so that nobody waits for them.
     */
    long settleMissing() {
        long missing = 0;
        for (Destination destination : state.destinations()) {
            missing += placeEarly(destination);
            for (Subscription subscription : destination.subscriptions()) {
                for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
                    Level level = destination.level(priority);
                    Cursor cursor = subscription.loggedIfAny(priority);
                    if (level == null || cursor == null) continue;
                    long start = level.logged().startOffset();
                    if (cursor.lowWater() >= start) continue;
                    missing += cursor.unsettled(cursor.lowWater(), start);
                    cursor.settle(cursor.lowWater(), start - cursor.lowWater());
                    state.markChanged(destination);
                }
            }
        }
        return missing;
    }

    /** Messages that were moved in the log have places before those that the log's first segment knows. */
    private long placeEarly(Destination destination) {
        long missing = 0;
        for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
            Level level = destination.level(priority);
            if (level == null || !level.hasEarly()) continue;
            level.forgetEarlyUnless(level::isWaiting);
            if (!level.hasEarly()) continue;
            long end = level.logged().startOffset();
            long from = 0;
            for (long place : level.placesOfEarly()) {
                missing += settle(destination, priority, from, place);
                from = place + 1;
            }
            missing += settle(destination, priority, from, end);
            level.placeEarly(state.queues().create(level.logged().queueId()));
            state.markChanged(destination);
        }
        return missing;
    }

    private static long settle(Destination destination, int priority, long from, long end) {
        long missing = 0;
        for (Subscription subscription : destination.subscriptions()) {
            Cursor cursor = subscription.logged(priority);
            missing += cursor.unsettled(from, end);
            cursor.settle(from, end - from);
        }
        return missing;
    }
}
