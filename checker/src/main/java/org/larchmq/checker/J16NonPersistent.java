package org.larchmq.checker;

/** NON_PERSISTENT: at most once, and lost only if a broker failed (7.7). */
final class J16NonPersistent extends Invariant {
    J16NonPersistent() {
        super("J16");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        if (!isSecondLife(delivery, history)) return;
        findings.violation(
                code, delivery.mid() + " is non-persistent and was delivered again by a later broker", delivery.mid());
    }

    /** Consumed before a broker failure and delivered again after it. */
    static boolean isSecondLife(Delivery delivery, History history) {
        return delivery.isRedelivery()
                && !delivery.message().persistent
                && delivery.previousFate() == CopyState.Fate.AUTO
                && !J3AcknowledgedStaysGone.acknowledgedByClose(delivery.copy())
                && history.brokerFailedSince(delivery.copy().deliveredAt);
    }

    @Override
    void absent(Absence absence, Findings findings) {
        MessageState message = absence.message();
        if (!message.persistent) findings.violation(code, absence.describe() + ", no broker failed", message.mid());
    }
}
