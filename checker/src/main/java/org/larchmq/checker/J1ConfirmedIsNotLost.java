package org.larchmq.checker;

/** No confirmed persistent message is lost: it was consumed, or is in the dead-letter queue, or expired (spec 7.7, 9.1). */
final class J1ConfirmedIsNotLost extends Invariant {
    J1ConfirmedIsNotLost() {
        super("J1");
    }

    @Override
    void absent(Absence absence, Findings findings) {
        MessageState message = absence.message();
        boolean othersConcern =
                absence.kind() == Absence.Kind.GAP || absence.subscription() != null && absence.subscription().durable;
        if (message.persistent && !othersConcern) findings.violation(code, absence.describe(), message.mid());
    }
}
