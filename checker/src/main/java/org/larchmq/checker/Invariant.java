package org.larchmq.checker;

/** One promise. Its methods are called as the history unfolds and change nothing but its own notes. */
abstract class Invariant {
    final String code;

    Invariant(String code) {
        this.code = code;
    }

    /** Before the delivery becomes part of the state: what the state says is what was true until now. */
    void delivered(Delivery delivery, History history, Findings findings) {}

    /** The message was refused, or its transaction rolled back. */
    void sendFailed(MessageState message, HistoryRecord record, Findings findings) {}

    void absent(Absence absence, Findings findings) {}

    void other(HistoryRecord record, History history, Findings findings) {}

    void end(History history, Findings findings) {}
}
