package org.larchmq.checker;

import java.util.ArrayList;
import java.util.List;

/**
 * A transaction happens as a whole or not at all, an undecided one included: everything it produced arrives or nothing,
 * everything it consumed is gone or comes back (6.2.7). Losses of a confirmed one are J1, repeats J3, ghosts J2.
 */
final class J8AtomicTransactions extends Invariant {
    J8AtomicTransactions() {
        super("J8");
    }

    @Override
    void end(History history, Findings findings) {
        if (!history.settings.drained()) return;
        history.forEachInDoubt(tx -> {
            judgeProduced(tx, history, findings);
            judgeConsumed(tx, history, findings);
        });
    }

    private void judgeProduced(TransactionState tx, History history, Findings findings) {
        List<MessageState> visible = new ArrayList<>();
        List<MessageState> invisible = new ArrayList<>();
        for (MessageState message : tx.produced) {
            boolean mayBeAbsent = history.mayBeGone(message) || HistoryRecord.isTopic(message.stream.dest);
            if (message.copies != null) visible.add(message);
            else if (!mayBeAbsent && message.sendPhase == Phase.OK) invisible.add(message);
        }
        if (visible.isEmpty() || invisible.isEmpty()) return;
        findings.violation(
                code,
                "of transaction %s %d messages arrived and %d did not"
                        .formatted(tx.id, visible.size(), invisible.size()),
                visible.get(0).mid(),
                invisible.get(0).mid());
    }

    private void judgeConsumed(TransactionState tx, History history, Findings findings) {
        List<MessageState> gone = new ArrayList<>();
        List<MessageState> back = new ArrayList<>();
        for (CopyState copy : tx.consumed) {
            boolean deadLetter = isDeadLetter(copy.message, history);
            if (deadLetter && copy.sub != null) continue; // of this subscription, or of another one
            boolean cameBack = copy.tx != tx || deadLetter;
            if (cameBack) back.add(copy.message);
            else if (!history.mayBeGone(copy.message) && history.isDurable(copy)) gone.add(copy.message);
        }
        for (MessageState message : tx.consumedInDoubt) {
            if (message.copies != null) back.add(message);
        }
        if (gone.isEmpty() || back.isEmpty()) return;
        findings.violation(
                code,
                "of what transaction %s consumed %d messages came back and %d are gone"
                        .formatted(tx.id, back.size(), gone.size()),
                back.get(0).mid(),
                gone.get(0).mid());
    }

    private static boolean isDeadLetter(MessageState message, History history) {
        String deadLetterQueue = history.settings.deadLetterQueue();
        return !message.stream.dest.equals(deadLetterQueue) && message.copy(deadLetterQueue, null) != null;
    }
}
