package org.larchmq.checker;

/** Nothing is delivered before its JMSDeliveryTime (7.9). */
final class J12NeverEarly extends Invariant {
    J12NeverEarly() {
        super("J12");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        MessageState message = delivery.message();
        if (message == null || message.delayMillis == 0) return;
        HistoryRecord r = delivery.record();
        long due = Math.max(r.deliveryTimeMillis(), message.invokedWall + message.delayMillis);
        long early = due - r.wallMillis();
        if (early <= history.settings.clockSkewMillis()) return;
        findings.violation(code, "%s was delivered %d ms early".formatted(delivery.mid(), early), delivery.mid());
    }
}
