package org.larchmq.checker;

/** What was acknowledged with a confirmation is not delivered again on the same queue or subscription (6.2.11). */
final class J3AcknowledgedStaysGone extends Invariant {
    J3AcknowledgedStaysGone() {
        super("J3");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        if (!delivery.isRedelivery()) return;
        CopyState copy = delivery.copy();
        boolean acknowledged = delivery.previousFate() == CopyState.Fate.ACKNOWLEDGED
                || delivery.previousFate() == CopyState.Fate.AUTO && acknowledgedByClose(copy);
        if (!acknowledged) return;
        findings.violation(
                code,
                "%s was delivered again in session %s after its acknowledgement in session %s was confirmed"
                        .formatted(delivery.mid(), delivery.session().id, copy.session.id),
                delivery.mid());
    }

    static boolean acknowledgedByClose(CopyState copy) {
        return copy.session.closedOk && !copy.session.failureCovers(copy.position);
    }
}
