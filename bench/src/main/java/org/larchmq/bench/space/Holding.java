package org.larchmq.bench.space;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.nio.ByteBuffer;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** Messages that wait in one particular way, from when they are sent until they are taken. One thread. */
abstract class Holding {
    /** What an entry of the log has beside a body of ours, at least. */
    private static final int OVERHEAD_BYTES = 100;

    private static final int RECEIVE_MILLIS = 20_000;

    final String name;
    final int messages;
    private final int bodyBytes;

    Holding(String name, int messages, int bodyBytes) {
        this.name = name;
        this.messages = messages;
        this.bodyBytes = bodyBytes;
    }

    /** Bytes of the log that wait for its sake. */
    final long bytes() {
        return (long) messages * (bodyBytes + OVERHEAD_BYTES);
    }

    /** Sends the messages; false when a fault prevented it and nothing waits. */
    abstract boolean begin(Access access) throws Exception;

    /** Whether it may be ended now. */
    boolean isDue(long nowMillis) {
        return true;
    }

    /** Takes all of it and checks it. @throws Lost when not all of it is there, in order */
    abstract void end(Access access) throws Exception;

    /** The promise was broken. */
    static final class Lost extends Exception {
        private static final long serialVersionUID = 1;

        Lost(String what) {
            super(what);
        }
    }

    final void sendAll(Session session, MessageProducer producer) throws JMSException {
        for (int i = 0; i < messages; i++) {
            BytesMessage message = message(session, i);
            mark(message);
            producer.send(message);
        }
    }

    /** Gives a message what tells it from those of others. */
    void mark(Message message) throws JMSException {}

    private BytesMessage message(Session session, int number) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(
                ByteBuffer.allocate(Math.max(8, bodyBytes)).putInt(number).array());
        return message;
    }

    final void receiveAll(MessageConsumer consumer, String from) throws JMSException, Lost {
        for (int i = 0; i < messages; i++) {
            Message message = consumer.receive(RECEIVE_MILLIS);
            if (message == null)
                throw new Lost(this + ": " + (messages - i) + " of " + messages + " are missing in " + from);
            int number = ((BytesMessage) message).readInt();
            if (number == 0 && i > 0 && message.getJMSRedelivered())
                throw new JMSException("the unit was lost with the broker, and begins again");
            if (number != i) throw new Lost(this + ": " + number + " came in place of " + i + " from " + from);
            long early = message.getJMSDeliveryTime() - System.currentTimeMillis();
            if (early > 0) throw new Lost(this + ": " + number + " came " + early + " ms before its delivery time");
        }
        if (consumer.receiveNoWait() != null) throw new Lost(this + ": more than " + messages + " in " + from);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + " " + name;
    }

    /** A queue that nobody reads; with a delay, before the messages are due. */
    static class DeadQueue extends Holding {
        private final long delayMillis;
        private long dueMillis;

        DeadQueue(String name, int messages, int bodyBytes, long delayMillis) {
            super(name, messages, bodyBytes);
            this.delayMillis = delayMillis;
        }

        @Override
        boolean begin(Access access) throws JMSException {
            try (Session session = access.connection().createSession(Session.SESSION_TRANSACTED)) {
                MessageProducer producer = session.createProducer(session.createQueue(queue()));
                producer.setDeliveryDelay(delayMillis);
                sendAll(session, producer);
                session.commit();
            } catch (jakarta.jms.TransactionRolledBackException e) {
                return false;
            }
            dueMillis = System.currentTimeMillis() + delayMillis;
            return true;
        }

        String queue() {
            return name;
        }

        String selector() {
            return null;
        }

        @Override
        boolean isDue(long nowMillis) {
            return nowMillis >= dueMillis;
        }

        @Override
        void end(Access access) throws Exception {
            access.repeat(connection -> {
                try (Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
                    MessageConsumer consumer = session.createConsumer(session.createQueue(queue()), selector());
                    receiveAll(consumer, "the queue");
                    session.commit();
                }
            });
        }
    }

    /** Messages in the busiest queue that its consumer's selector passes over. */
    static final class PassedOver extends DeadQueue {
        PassedOver(String name, int messages, int bodyBytes) {
            super(name, messages, bodyBytes, 0);
        }

        @Override
        String queue() {
            return Churn.QUEUE;
        }

        @Override
        String selector() {
            return Churn.PASSED_OVER + " = '" + name + "'";
        }

        @Override
        void mark(Message message) throws JMSException {
            message.setStringProperty(Churn.PASSED_OVER, name);
        }
    }

    /** A durable subscriber that is away. */
    static final class AbsentSubscriber extends Holding {
        AbsentSubscriber(String name, int messages, int bodyBytes) {
            super(name, messages, bodyBytes);
        }

        @Override
        boolean begin(Access access) throws JMSException {
            try (Session session = access.connection().createSession(Session.SESSION_TRANSACTED)) {
                Topic topic = session.createTopic(name);
                session.createSharedDurableConsumer(topic, name).close();
                MessageProducer producer = session.createProducer(topic);
                sendAll(session, producer);
                session.commit();
            } catch (jakarta.jms.TransactionRolledBackException e) {
                return false;
            }
            return true;
        }

        @Override
        void end(Access access) throws Exception {
            access.repeat(connection -> {
                try (Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
                    Topic topic = session.createTopic(name);
                    MessageConsumer consumer = session.createSharedDurableConsumer(topic, name);
                    receiveAll(consumer, "the subscription");
                    session.commit();
                    consumer.close();
                    session.unsubscribe(name);
                }
            });
        }
    }

    /** A branch of a distributed transaction that is prepared. */
    static final class PreparedBranch extends Holding {
        private final Xid xid;
        private final boolean commits;

        PreparedBranch(String name, int messages, int bodyBytes, boolean commits) {
            super(name, messages, bodyBytes);
            this.xid = new Branch(name);
            this.commits = commits;
        }

        @Override
        boolean begin(Access access) throws JMSException {
            try (XAConnection connection = access.xaConnection()) {
                XASession session = connection.createXASession();
                XAResource resource = session.getXAResource();
                resource.start(xid, XAResource.TMNOFLAGS);
                sendAll(session, session.createProducer(session.createQueue(name)));
                resource.end(xid, XAResource.TMSUCCESS);
                resource.prepare(xid);
                return true;
            } catch (JMSException | XAException e) {
                return isPrepared(access);
            }
        }

        private boolean isPrepared(Access access) throws JMSException {
            return access.xaRepeat(resource -> {
                for (Xid found : resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN)) {
                    if (java.util.Arrays.equals(found.getGlobalTransactionId(), xid.getGlobalTransactionId()))
                        return true;
                }
                return false;
            });
        }

        @Override
        void end(Access access) throws Exception {
            access.xaRepeat(resource -> {
                try {
                    if (commits) resource.commit(xid, false);
                    else resource.rollback(xid);
                } catch (XAException e) {
                    if (e.errorCode != XAException.XAER_NOTA) throw e; // the answer before was lost
                }
                return true;
            });
            access.repeat(connection -> {
                try (Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
                    Queue queue = session.createQueue(name);
                    MessageConsumer consumer = session.createConsumer(queue);
                    if (commits) receiveAll(consumer, "the queue after its commit");
                    else if (consumer.receive(200) != null) throw new Lost(this + ": rolled back, and there");
                    session.commit();
                }
            });
        }

        private record Branch(String name) implements Xid {
            @Override
            public int getFormatId() {
                return 77;
            }

            @Override
            public byte[] getGlobalTransactionId() {
                return name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            }

            @Override
            public byte[] getBranchQualifier() {
                return new byte[] {1};
            }
        }
    }
}
