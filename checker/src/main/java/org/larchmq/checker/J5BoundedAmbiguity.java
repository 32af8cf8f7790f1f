package org.larchmq.checker;

import java.util.HashMap;
import java.util.Map;

/**
 * What may repeat is bounded (6.2.10-11). AUTO_ACKNOWLEDGE and DUPS_OK: per failure the session's last {@code window}
 * messages. CLIENT_ACKNOWLEDGE and transacted: what was in the open unit when its session ended.
 */
final class J5BoundedAmbiguity extends Invariant {
    J5BoundedAmbiguity() {
        super("J5");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        if (!delivery.isRedelivery()) return;
        CopyState copy = delivery.copy();
        boolean held = delivery.previousFate() == CopyState.Fate.HELD;
        boolean consumed = delivery.previousFate() == CopyState.Fate.AUTO;
        if (!held && !consumed) return;
        if (consumed && J3AcknowledgedStaysGone.acknowledgedByClose(copy)) return; // J3
        if (J16NonPersistent.isSecondLife(delivery, history)) return; // J16
        copy.session.suspects.add(new SessionState.Suspect(
                delivery.message(), copy.position, held, delivery.record().tMonoNanos()));
    }

    @Override
    void end(History history, Findings findings) {
        for (SessionState session : history.sessions()) {
            if (!session.suspects.isEmpty()) judge(session, findings);
        }
    }

    private void judge(SessionState session, Findings findings) {
        Map<SessionState.Failure, Integer> repeats = new HashMap<>();
        for (SessionState.Suspect suspect : session.suspects) {
            if (suspect.held()) judgeHeld(session, suspect, findings);
            else judgeConsumed(session, suspect, repeats, findings);
        }
    }

    /**
     * What a session that fails over held when the broker failed goes to anybody. And the broker may know of a broken connection before its client does, provided the client does nothing more with it.
     */
    private void judgeHeld(SessionState session, SessionState.Suspect suspect, Findings findings) {
        boolean wasOver = session.ended() && session.lastSuccessAt <= suspect.at();
        if (wasOver || session.failsOver && session.failureCovers(suspect.position())) return;
        findings.violation(
                code,
                "%s was delivered to another session while session %s held it unacknowledged"
                        .formatted(suspect.message().mid(), session.id),
                suspect.message().mid());
    }

    private void judgeConsumed(
            SessionState session,
            SessionState.Suspect suspect,
            Map<SessionState.Failure, Integer> repeats,
            Findings findings) {
        for (SessionState.Failure failure : session.failures) {
            if (failure.covers(suspect.position()) && repeats.merge(failure, 1, Integer::sum) <= session.window) return;
        }
        findings.violation(
                code,
                "%s was consumed as number %d of %d in session %s (%s, window %d, failures at %s) and delivered again"
                        .formatted(
                                suspect.message().mid(),
                                suspect.position() + 1,
                                session.deliveries,
                                session.id,
                                session.ackMode,
                                session.window,
                                session.failures.stream()
                                        .map(f -> f.from + ".." + f.to)
                                        .toList()),
                suspect.message().mid());
    }
}
