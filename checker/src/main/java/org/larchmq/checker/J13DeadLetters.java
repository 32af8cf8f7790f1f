package org.larchmq.checker;

/** A message is dead-lettered after its attempts, once, and then it is nowhere else. */
final class J13DeadLetters extends Invariant {
    J13DeadLetters() {
        super("J13");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        if (delivery.message() == null) return;
        String wrong = delivery.isDeadLetter() ? deadLettered(delivery, history) : delivered(delivery, history);
        if (wrong != null) findings.violation(code, delivery.mid() + " " + wrong, delivery.mid());
    }

    private static String deadLettered(Delivery delivery, History history) {
        if (delivery.copy() != null) return null; // a redelivery from the dead-letter queue
        MessageState message = delivery.message();
        if (HistoryRecord.isTopic(message.stream.dest)) return null; // other subscriptions may have consumed it
        CopyState original = message.copy(message.stream.dest, null);
        int attempts = original == null ? 0 : original.deliveries;
        if (original != null && original.fate(history) == CopyState.Fate.ACKNOWLEDGED)
            return "is in the dead-letter queue although it was acknowledged";
        boolean countsAreExact = history.settings.maxDeliveries() > 0 && !history.brokerFailedSince(message.invokedAt);
        if (countsAreExact && attempts < history.settings.maxDeliveries())
            return "is in the dead-letter queue after %d attempts of %d"
                    .formatted(attempts, history.settings.maxDeliveries());
        return null;
    }

    private static String delivered(Delivery delivery, History history) {
        boolean isQueue = !HistoryRecord.isTopic(delivery.record().dest());
        String deadLetterQueue = history.settings.deadLetterQueue();
        boolean wasDeadLettered = isQueue
                && !delivery.record().dest().equals(deadLetterQueue)
                && delivery.message().copy(deadLetterQueue, null) != null;
        return wasDeadLettered ? "was delivered after it had been dead-lettered" : null;
    }
}
