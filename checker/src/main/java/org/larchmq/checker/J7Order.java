package org.larchmq.checker;

/**
 * Messages of one session to one destination, of the same priority and delivery mode and without delay, reach a sole
 * consumer in order; a replayed block goes back and is in order again (6.2.9).
 */
final class J7Order extends Invariant {
    J7Order() {
        super("J7");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        MessageState message = delivery.message();
        boolean ordered = message != null
                && !delivery.isDeadLetter()
                && !delivery.isStoredTwice()
                && message.delayMillis == 0
                && delivery.consumer().sole;
        if (!ordered) return;
        ConsumerState.Order order = delivery.consumer()
                .orders
                .computeIfAbsent(ConsumerState.OrderKey.of(message), k -> new ConsumerState.Order());
        boolean isFirst = delivery.copy() == null && !delivery.record().redelivered();
        if (isFirst && message.seq <= order.highest) report(delivery, order.highest, findings);
        if (!isFirst) redelivered(delivery, order, findings);
        order.highest = Math.max(order.highest, message.seq);
    }

    private void redelivered(Delivery delivery, ConsumerState.Order order, Findings findings) {
        long seq = delivery.message().seq;
        boolean sameBlock = order.replays == delivery.session().replays;
        if (sameBlock && seq <= order.lastRedelivered) report(delivery, order.lastRedelivered, findings);
        order.lastRedelivered = seq;
        order.replays = delivery.session().replays;
    }

    private void report(Delivery delivery, long afterSeq, Findings findings) {
        Mid mid = delivery.mid();
        findings.violation(
                code,
                "%s reached the sole consumer %s after seq %d".formatted(mid, delivery.session().id, afterSeq),
                mid,
                new Mid(mid.producer(), mid.session(), mid.dest(), afterSeq));
    }

    @Override
    void absent(Absence absence, Findings findings) {
        MessageState message = absence.message();
        boolean ours = absence.kind() == Absence.Kind.GAP && message.persistent && !absence.subscription().durable;
        if (ours) findings.violation(code, absence.describe(), message.mid());
    }
}
