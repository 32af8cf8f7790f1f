package org.larchmq.checker;

/**
 * A confirmed message that should have been consumed by the end and was not; neither expired nor reported damaged.
 *
 * @param subscription null for a queue
 */
record Absence(MessageState message, SubscriptionState subscription, Kind kind) {
    enum Kind {
        NEVER_ARRIVED("was confirmed and never arrived"),
        RETURNED_AND_GONE("was delivered, given back unacknowledged, and not seen again"),
        GAP("was left out although a later one of the same producer arrived");

        final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    String describe() {
        String where = subscription == null ? message.stream.dest : subscription.dest + " (" + subscription.sub + ")";
        return message.mid() + " " + kind.text + " on " + where;
    }
}
