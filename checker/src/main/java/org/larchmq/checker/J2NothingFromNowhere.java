package org.larchmq.checker;

/** Only what was sent arrives, where it was sent, as it was sent, and nothing that was refused or rolled back (6.2.7). */
final class J2NothingFromNowhere extends Invariant {
    J2NothingFromNowhere() {
        super("J2");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        String wrong = whatIsWrong(delivery, history);
        if (wrong != null) findings.violation(code, delivery.mid() + " " + wrong, delivery.mid());
    }

    private static String whatIsWrong(Delivery delivery, History history) {
        MessageState message = delivery.message();
        if (message == null) return "was delivered and never sent";
        boolean elsewhere = !delivery.mid().dest().equals(delivery.record().dest()) && !delivery.isDeadLetter();
        if (elsewhere) return "was delivered on " + delivery.record().dest();
        if (delivery.bodyDiffers() && !history.damageInjected()) return "was delivered with another body";
        if (message.outcome() != MessageState.Outcome.REFUSED) return null;
        if (message.sendPhase == Phase.FAIL) return "was delivered although its send was refused";
        return "was delivered although its transaction is " + message.tx.outcome;
    }

    @Override
    void sendFailed(MessageState message, HistoryRecord record, Findings findings) {
        if (message.copies == null) return;
        findings.violation(
                code, message.mid() + " was refused or rolled back after it had been delivered", message.mid());
    }
}
