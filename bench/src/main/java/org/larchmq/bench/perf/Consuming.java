package org.larchmq.bench.perf;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.nio.ByteBuffer;

/** One consumer: its connection, with a listener on every destination. The listener runs on one thread at a time. */
final class Consuming {
    /** CLIENT_ACKNOWLEDGE acknowledges this many together. */
    private static final int ACKNOWLEDGE_EVERY = 50;

    private final PerfSettings settings;
    private final Meters meters;
    private final Connection connection;
    private final Session session;
    private final byte[] stamp = new byte[PerfSettings.MIN_SIZE_BYTES];
    private int inUnit;

    Consuming(PerfSettings settings, Meters meters, Connection connection) throws JMSException {
        this.settings = settings;
        this.meters = meters;
        this.connection = connection;
        boolean transacted = settings.transactionSize() > 0;
        session = connection.createSession(transacted, transacted ? Session.SESSION_TRANSACTED : settings.ackMode());
        for (String name : settings.destinationNames()) {
            Destination destination = settings.topic() ? session.createTopic(name) : session.createQueue(name);
            session.createConsumer(destination, settings.selector()).setMessageListener(this::onMessage);
        }
        connection.setExceptionListener(meters::error);
        connection.start();
    }

    private void onMessage(Message message) {
        try {
            if (message instanceof BytesMessage bytes && bytes.readBytes(stamp) == stamp.length) count();
            else meters.error(new JMSException("not a message of perf: " + message.getJMSMessageID()));
            finishUnit(message);
        } catch (JMSException e) {
            meters.error(e);
        }
    }

    private void count() {
        var numbers = ByteBuffer.wrap(stamp);
        long sentNanos = numbers.getLong();
        boolean ours = numbers.getLong() == meters.run || settings.producers() == 0;
        if (ours) meters.received(sentNanos, System.nanoTime());
        else meters.left.increment();
    }

    private void finishUnit(Message message) throws JMSException {
        boolean transacted = settings.transactionSize() > 0;
        if (!transacted && settings.ackMode() != Session.CLIENT_ACKNOWLEDGE) return;
        if (++inUnit < (transacted ? settings.transactionSize() : ACKNOWLEDGE_EVERY)) return;
        inUnit = 0;
        if (transacted) session.commit();
        else message.acknowledge();
    }

    void close() throws JMSException {
        connection.close();
    }
}
