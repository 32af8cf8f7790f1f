package org.larchmq.checker;

/** A durable subscription gets everything published from its creation to its deletion, connected or not (4.2.11). */
final class J10DurableSubscription extends Invariant {
    J10DurableSubscription() {
        super("J10");
    }

    @Override
    void absent(Absence absence, Findings findings) {
        boolean ours = absence.subscription() != null && absence.subscription().durable && absence.message().persistent;
        if (ours) findings.violation(code, absence.describe(), absence.message().mid());
    }
}
