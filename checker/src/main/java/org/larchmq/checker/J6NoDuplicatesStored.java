package org.larchmq.checker;

/** One send stores one message, however often the client library had to repeat it on the wire (6.2.12). */
final class J6NoDuplicatesStored extends Invariant {
    J6NoDuplicatesStored() {
        super("J6");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        if (!delivery.isStoredTwice()) return;
        findings.violation(
                code,
                "%s was delivered under a second JMSMessageID, %s"
                        .formatted(delivery.mid(), delivery.record().jmsId()),
                delivery.mid());
    }
}
