package org.larchmq.checker;

import java.util.Objects;

/** A message on one queue or subscription: who had it last, and what became of it. */
final class CopyState {
    enum Fate {
        /** Consumed by a session that acknowledges by itself. */
        AUTO,
        /** In the open unit of a living session. */
        HELD,
        /** The acknowledgement's outcome is unknown. */
        IN_DOUBT,
        /** Rolled back, recovered, or its session died with it. */
        RETURNED,
        ACKNOWLEDGED
    }

    final MessageState message;
    final String dest;
    final String sub;
    final CopyState next;
    SessionState session;
    int position;
    TransactionState tx;
    int deliveries;
    long jmsIdHash;
    long deliveredAt;
    private Fate fate = Fate.HELD;

    CopyState(MessageState message, String dest, String sub) {
        this.message = message;
        this.dest = dest;
        this.sub = sub;
        this.next = message.copies;
    }

    boolean isOn(String otherDest, String otherSub) {
        return dest.equals(otherDest) && Objects.equals(sub, otherSub);
    }

    void delivered(SessionState to, TransactionState inTx, long at) {
        session = to;
        position = to.deliveries++;
        tx = inTx;
        deliveredAt = at;
        deliveries++;
        fate = inTx == null && to.acknowledgesByItself() ? Fate.AUTO : Fate.HELD;
    }

    void settle(Fate newFate) {
        fate = newFate;
    }

    Fate fate(History history) {
        if (tx != null) {
            switch (tx.outcome) {
                case COMMITTED:
                    return Fate.ACKNOWLEDGED;
                case PREPARED:
                    return Fate.HELD;
                case IN_DOUBT, PREPARING:
                    return Fate.IN_DOUBT;
                case ROLLED_BACK:
                    return Fate.RETURNED;
                default: // open: as long as its session lives
            }
        }
        if (fate != Fate.HELD) return fate;
        boolean released = session.ended() || history.brokerFailedSince(deliveredAt);
        return released ? Fate.RETURNED : Fate.HELD;
    }
}
