package org.larchmq.bench.rig;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Mid;
import org.larchmq.checker.Mode;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;

/**
 * One connection with one session that writes down everything it does and sees: before a call what is about to happen,
 * after it what came of it. Belongs to one thread, the listener's included.
 */
final class RecordedSession {
    /** How one message is sent; the ordinary one is persistent, default priority, no time to live. */
    record Sending(Mode mode, int priority, long ttlMillis, int sizeBytes) {
        static Sending ordinary(int sizeBytes) {
            return new Sending(Mode.PERSISTENT, Message.DEFAULT_PRIORITY, 0, sizeBytes);
        }
    }

    private final Connection connection;
    private final Session session;
    private final HistoryWriter history;
    private final String proc;
    private final String name;
    private final AckMode ackMode;
    private final Map<String, MessageProducer> producers = new HashMap<>();
    private final Map<String, Long> nextSeq = new HashMap<>();
    private final Map<String, MessageConsumer> consumers = new HashMap<>();
    private String tx;
    private long transactions;

    /** {@code name} must never have been used before; {@code window}: see HistoryRecord. */
    RecordedSession(Connection connection, HistoryWriter history, String proc, String name, AckMode ackMode, int window)
            throws JMSException {
        this.connection = connection;
        this.history = history;
        this.proc = proc;
        this.name = name;
        this.ackMode = ackMode;
        this.session = connection.createSession(ackMode == AckMode.TRANSACTED, jmsMode(ackMode));
        history.write(record(Op.OPEN, Phase.OK).ackMode(ackMode).window(window).build());
    }

    private static int jmsMode(AckMode ackMode) {
        return switch (ackMode) {
            case AUTO -> Session.AUTO_ACKNOWLEDGE;
            case CLIENT -> Session.CLIENT_ACKNOWLEDGE;
            case DUPS_OK -> Session.DUPS_OK_ACKNOWLEDGE;
            case TRANSACTED -> Session.SESSION_TRANSACTED;
        };
    }

    private HistoryRecord.Builder record(Op op, Phase phase) {
        return HistoryRecord.of(op, phase).proc(proc).session(name);
    }

    String name() {
        return name;
    }

    private Destination destination(String dest) throws JMSException {
        return HistoryRecord.isTopic(dest)
                ? session.createTopic(dest.substring(HistoryRecord.TOPIC_PREFIX.length()))
                : session.createQueue(dest.substring(HistoryRecord.QUEUE_PREFIX.length()));
    }

    private String currentTx() {
        if (ackMode != AckMode.TRANSACTED) return null;
        if (tx == null) tx = name + "-t" + transactions++;
        return tx;
    }

    // Producing

    Mid send(String dest, Sending how) throws JMSException {
        MessageProducer producer = producers.get(dest);
        if (producer == null) producers.put(dest, producer = session.createProducer(destination(dest)));
        Mid mid = new Mid(proc, name, dest, nextSeq.merge(dest, 0L, (old, none) -> old + 1));
        byte[] body = Body.of(mid, how.sizeBytes());
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);
        message.setJMSCorrelationID(mid.toString());
        int jmsMode = how.mode() == Mode.PERSISTENT ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
        String inTx = currentTx();
        history.write(record(Op.SEND, Phase.INVOKE)
                .mid(mid)
                .tx(inTx)
                .mode(how.mode())
                .priority(how.priority())
                .ttlMillis(how.ttlMillis())
                .bodyCrc(Body.crc(body))
                .build());
        try {
            producer.send(message, jmsMode, how.priority(), how.ttlMillis());
        } catch (JMSException e) {
            history.write(sent(mid, inTx, Outcome.ofSend(e)).note(e.toString()).build());
            throw e;
        }
        history.write(sent(mid, inTx, Phase.OK).build());
        return mid;
    }

    private HistoryRecord.Builder sent(Mid mid, String inTx, Phase phase) {
        return record(Op.SEND, phase).mid(mid).tx(inTx);
    }

    /** Makes the destination exist, without a message. */
    void touch(String dest) throws JMSException {
        session.createConsumer(destination(dest)).close();
    }

    // Consuming

    /** {@code dest} has one consumer per session at most. */
    void subscribe(String dest) throws JMSException {
        consumers.put(dest, session.createConsumer(destination(dest)));
        history.write(record(Op.SUBSCRIBE, Phase.OK).dest(dest).sub(sub(dest)).build());
    }

    /** The connection has a client id; the subscription lives on when the connection is lost. */
    void subscribeDurably(String topic) throws JMSException {
        consumers.put(topic, session.createDurableConsumer((Topic) destination(topic), sub(topic)));
        history.write(record(Op.SUBSCRIBE, Phase.OK)
                .dest(topic)
                .sub(sub(topic))
                .durable(true)
                .build());
    }

    /** The provider connects it again by itself whenever the broker fails. */
    void failsOver() {
        history.write(record(Op.RESUMED, Phase.INFO).build());
    }

    /** Deliveries begin; from now on a session with listeners belongs to the provider's thread. */
    void start() throws JMSException {
        connection.start();
    }

    /** Every delivery is written down before {@code then} runs. */
    void listen(String dest, Consumer<Message> then) throws JMSException {
        MessageConsumer consumer = session.createConsumer(destination(dest));
        history.write(record(Op.SUBSCRIBE, Phase.OK).dest(dest).sub(sub(dest)).build());
        consumers.put(dest, consumer);
        consumer.setMessageListener(message -> {
            delivered(dest, message);
            then.accept(message);
        });
    }

    Message receive(String dest, long timeoutMillis) throws JMSException {
        MessageConsumer consumer = consumers.get(dest);
        Message message = timeoutMillis > 0 ? consumer.receive(timeoutMillis) : consumer.receiveNoWait();
        if (message != null) delivered(dest, message);
        return message;
    }

    private String sub(String dest) {
        return HistoryRecord.isTopic(dest) ? "sub-" + name : null;
    }

    private void delivered(String dest, Message message) {
        try {
            byte[] body = new byte[0];
            if (message instanceof BytesMessage bytes) {
                body = new byte[(int) bytes.getBodyLength()];
                bytes.readBytes(body);
            }
            Mid mid = Body.read(body).orElse(null);
            String claimed = message.getJMSCorrelationID();
            String note = null;
            if (mid == null || !mid.toString().equals(claimed))
                note = "body is of " + mid + ", header is of " + claimed;
            if (mid == null) mid = claimedMid(claimed);
            history.write(record(Op.DELIVER, Phase.OK)
                    .dest(dest)
                    .sub(sub(dest))
                    .mid(mid)
                    .tx(currentTx())
                    .redelivered(message.getJMSRedelivered())
                    .deliveryCount(message.getIntProperty("JMSXDeliveryCount"))
                    .bodyCrc(Body.crc(body))
                    .jmsId(message.getJMSMessageID())
                    .expirationMillis(message.getJMSExpiration())
                    .note(note)
                    .build());
        } catch (JMSException e) {
            throw new RigException("a delivered message cannot be read: " + e.getMessage(), e);
        }
    }

    /** The body is damaged: then at least say whose it was, if the header can be read. */
    private static Mid claimedMid(String correlationId) {
        String[] parts = correlationId == null ? new String[0] : correlationId.split("[/#]");
        boolean legible = parts.length == 4 && parts[3].matches("\\d{1,18}");
        if (!legible) return new Mid("damaged", "damaged", "queue:damaged", 0);
        return new Mid(parts[0], parts[1], parts[2], Long.parseLong(parts[3]));
    }

    void acknowledge(Message message) throws JMSException {
        history.write(record(Op.ACK, Phase.INVOKE).build());
        try {
            message.acknowledge();
        } catch (JMSException e) {
            history.write(record(Op.ACK, Phase.INFO).note(e.toString()).build());
            throw e;
        }
        history.write(record(Op.ACK, Phase.OK).build());
    }

    void recover() throws JMSException {
        history.write(record(Op.RECOVER, Phase.INVOKE).build());
        session.recover();
        history.write(record(Op.RECOVER, Phase.OK).build());
    }

    // Transactions

    void commit() throws JMSException {
        String ending = currentTx();
        tx = null;
        history.write(record(Op.COMMIT, Phase.INVOKE).tx(ending).build());
        try {
            session.commit();
        } catch (JMSException e) {
            history.write(record(Op.COMMIT, Outcome.ofCommit(e))
                    .tx(ending)
                    .note(e.toString())
                    .build());
            throw e;
        }
        history.write(record(Op.COMMIT, Phase.OK).tx(ending).build());
    }

    void rollback() throws JMSException {
        String ending = currentTx();
        tx = null;
        history.write(record(Op.ROLLBACK, Phase.INVOKE).tx(ending).build());
        session.rollback();
        history.write(record(Op.ROLLBACK, Phase.OK).tx(ending).build());
    }

    // The end

    /** An orderly end: everything consumed automatically is acknowledged when this returns. */
    void close() throws JMSException {
        history.write(record(Op.CLOSE, Phase.INVOKE).build());
        try {
            session.close();
        } catch (JMSException e) {
            history.write(record(Op.CLOSE, Phase.INFO).note(e.toString()).build());
            throw e;
        }
        history.write(record(Op.CLOSE, Phase.OK).build());
        connection.close();
    }

    /** The connection is broken: nothing is delivered any more when the record is written. */
    void lost(String why) {
        String note = why;
        try {
            connection.close();
        } catch (JMSException e) {
            note += "; close: " + e.getMessage(); // a broken connection may refuse even that
        }
        history.write(record(Op.LOST, Phase.INFO).note(note).build());
    }
}
