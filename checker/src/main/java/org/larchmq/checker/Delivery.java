package org.larchmq.checker;

/**
 * A delivery being judged.
 *
 * @param message null when nobody sent it
 * @param copy its state before this delivery; null when it is the first on this queue or subscription
 * @param previousFate what had become of the copy before; null when it is the first
 * @param isDeadLetter delivered from the dead-letter queue
 * @param isStoredTwice another stored copy than the one delivered before (J6 only, not a redelivery)
 */
record Delivery(
        HistoryRecord record,
        MessageState message,
        CopyState copy,
        CopyState.Fate previousFate,
        SessionState session,
        ConsumerState consumer,
        boolean isDeadLetter,
        boolean isStoredTwice) {

    boolean isRedelivery() {
        return copy != null && !isStoredTwice;
    }

    boolean bodyDiffers() {
        return message != null && record.bodyCrc() >= 0 && message.bodyCrc >= 0 && record.bodyCrc() != message.bodyCrc;
    }

    Mid mid() {
        return record.mid();
    }
}
