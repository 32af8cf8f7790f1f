package org.larchmq.jms.net;

import jakarta.jms.JMSException;
import java.util.List;

/** A send that the broker has not answered yet. */
public class PendingSend extends Answer {
    private final Sink sink;
    private int bytes;

    /** Takes completed sends, many at a time. */
    public interface Sink {
        /** Called by the reading thread; must not block. */
        void completed(List<PendingSend> sends);
    }

    /** @param sink null when a thread waits with {@link Transport#await} */
    public PendingSend(Sink sink) {
        this.sink = sink;
    }

    /** Ends it without an answer of the broker; for a send that is not under way any more. */
    public final void giveUp(JMSException why) {
        setFailure(why);
        complete();
    }

    final Sink sink() {
        return sink;
    }

    final int bytes() {
        return bytes;
    }

    final void setBytes(int size) {
        bytes = size;
    }
}
