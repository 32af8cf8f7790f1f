package org.larchmq.checker;

/** A second delivery says so: JMSRedelivered and JMSXDeliveryCount of at least 2, and never one without the other (3.4.7). */
final class J4RedeliveryIsFlagged extends Invariant {
    J4RedeliveryIsFlagged() {
        super("J4");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        HistoryRecord r = delivery.record();
        boolean countRecorded = r.deliveryCount() >= 0;
        boolean countSaysAgain = countRecorded ? r.deliveryCount() >= 2 : r.redelivered();
        if (delivery.isRedelivery() && !(r.redelivered() && countSaysAgain)) {
            findings.violation(code, describe(delivery, "was delivered again"), delivery.mid());
        } else if (!delivery.isDeadLetter() && r.redelivered() != countSaysAgain) {
            findings.violation(code, describe(delivery, "contradicts itself"), delivery.mid());
        }
    }

    private static String describe(Delivery delivery, String what) {
        HistoryRecord r = delivery.record();
        return "%s %s with JMSRedelivered=%s JMSXDeliveryCount=%d in session %s"
                .formatted(delivery.mid(), what, r.redelivered(), r.deliveryCount(), r.session());
    }
}
