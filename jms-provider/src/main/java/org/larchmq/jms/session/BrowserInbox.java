package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.ArrayDeque;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.net.DeliveryBatch;
import org.larchmq.jms.net.DeliveryBatch.Delivered;
import org.larchmq.jms.net.Transport;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Frames.CreateConsumer;

/** One look through a queue: asks the broker for the next messages when they are wanted. One thread beside the reading one. */
final class BrowserInbox {
    private static final int MESSAGES = 100;
    private static final int BYTES = 256 * 1024;

    private final LarchConnection connection;
    private final Transport transport;
    private final int timeoutMillis;
    private final int id;
    private final LarchDestination queue;
    private final ArrayDeque<DeliveryBatch> batches = new ArrayDeque<>();
    private boolean ended;
    private boolean closed;
    private JMSException givenUpBecause;

    private BrowserInbox(LarchConnection connection, Transport transport, LarchDestination queue) {
        this.connection = connection;
        this.transport = transport;
        this.timeoutMillis = connection.options().requestTimeoutMillis();
        this.id = connection.nextConsumerId();
        this.queue = queue;
    }

    /** @throws JMSException when the queue or the selector is not accepted */
    static BrowserInbox open(LarchConnection connection, Transport transport, LarchDestination queue, String selector)
            throws JMSException {
        BrowserInbox browser = new BrowserInbox(connection, transport, queue);
        connection.register(browser);
        boolean opened = false;
        try {
            transport.callOrThrow(
                    browser.timeoutMillis,
                    (requestId, out) -> new CreateConsumer(
                                    requestId,
                                    browser.id,
                                    queue.kind(),
                                    queue.name(),
                                    selector == null ? "" : selector,
                                    CreateConsumer.BROWSER,
                                    "",
                                    0,
                                    0)
                            .encode(out));
            opened = true;
        } finally {
            if (!opened) connection.unregister(browser);
        }
        return browser;
    }

    int id() {
        return id;
    }

    LarchDestination queue() {
        return queue;
    }

    /** The reading thread. */
    synchronized void add(DeliveryBatch batch) {
        if (!closed) batches.add(batch);
    }

    /** The next message; null at the end. The first call takes the snapshot. */
    Delivered next() throws JMSException {
        while (true) {
            JMSException why = givenUpBecause();
            if (why != null) throw JmsErrors.again(why);
            Delivered buffered = poll();
            if (buffered != null || ended) return buffered;
            Frames.Reply reply = transport.callOrThrow(timeoutMillis, (requestId, out) -> {
                int mark = FrameType.BROWSE.begin(out);
                out.putInt(requestId).putInt(id).putInt(MESSAGES).putInt(BYTES);
                FrameType.end(out, mark);
            });
            ended = reply.value() == 1;
        }
    }

    private synchronized Delivered poll() {
        DeliveryBatch batch = batches.peek();
        if (batch == null) return null;
        Delivered message = batch.next();
        if (batch.remaining() == 0) batches.poll();
        return message;
    }

    /** Its snapshot is gone with its transport. */
    boolean isLost() {
        return transport.end() != null;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Null, or why whoever reads on is refused. */
    synchronized JMSException givenUpBecause() {
        return givenUpBecause;
    }

    /** Closes it before its end. */
    void giveUp(JMSException why, CloseTime time) throws JMSException {
        synchronized (this) {
            if (closed) return;
            givenUpBecause = isLost() ? transport.end() : why;
        }
        close(time);
    }

    void close(CloseTime time) throws JMSException {
        synchronized (this) {
            if (closed) return;
            closed = true;
            batches.clear();
        }
        connection.unregister(this);
        if (isLost()) return;
        transport.call(
                time.forBrokerMillis(), (requestId, out) -> new Frames.CloseConsumer(requestId, id, 0).encode(out));
    }
}
