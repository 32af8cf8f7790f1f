package org.larchmq.checker;

/** Nothing is delivered after JMSExpiration; the spec says "should" (3.4.9), we promise it. */
final class J11NeverAfterExpiry extends Invariant {
    J11NeverAfterExpiry() {
        super("J11");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        MessageState message = delivery.message();
        if (message == null || delivery.isDeadLetter()) return;
        HistoryRecord r = delivery.record();
        long expiration = r.expirationMillis();
        if (expiration == 0 && message.ttlMillis > 0) expiration = message.completedWall + message.ttlMillis;
        if (expiration == 0) return;
        long late = r.wallMillis() - expiration;
        if (late <= history.settings.clockSkewMillis()) return;
        findings.violation(
                code, "%s was delivered %d ms after it expired".formatted(delivery.mid(), late), delivery.mid());
    }
}
