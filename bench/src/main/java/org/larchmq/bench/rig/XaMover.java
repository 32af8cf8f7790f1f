package org.larchmq.bench.rig;

import static org.larchmq.bench.rig.XaApplication.IN;
import static org.larchmq.bench.rig.XaApplication.OUT;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.XASession;
import jakarta.transaction.HeuristicMixedException;
import jakarta.transaction.HeuristicRollbackException;
import jakarta.transaction.RollbackException;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionManager;
import java.nio.file.Path;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Mid;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;

/** Moves orders from one queue to another, each in a transaction over two resources, and writes down what it does. */
final class XaMover {
    private static final int RECEIVE_MILLIS = 2000;
    private static final int BODY_BYTES = 200;

    private final TransactionManager manager;
    private final HistoryWriter history;
    private final String proc;
    private boolean heuristic;

    XaMover(Path store, HistoryWriter history, String proc) {
        this.manager = Narayana.start(store);
        this.history = history;
        this.proc = proc;
    }

    boolean hadHeuristicOutcome() {
        return heuristic;
    }

    /** Orders to be moved. */
    void feed(Session session, int orders) throws JMSException {
        String name = proc + "-feed";
        MessageProducer producer = session.createProducer(session.createQueue(name(IN)));
        for (int i = 0; i < orders; i++) send(session, producer, new Mid(proc, name, IN, i), name, null);
    }

    private static String name(String dest) {
        return dest.substring(HistoryRecord.QUEUE_PREFIX.length());
    }

    private void send(Session session, MessageProducer producer, Mid mid, String name, String tx) throws JMSException {
        byte[] body = Body.of(mid, BODY_BYTES);
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);
        message.setJMSCorrelationID(mid.toString());
        history.write(record(Op.SEND, Phase.INVOKE, name)
                .mid(mid)
                .tx(tx)
                .bodyCrc(Body.crc(body))
                .build());
        producer.send(message);
        history.write(record(Op.SEND, Phase.OK, name).mid(mid).tx(tx).build());
    }

    private HistoryRecord.Builder record(Op op, Phase phase, String session) {
        return HistoryRecord.of(op, phase).proc(proc).session(session);
    }

    /** Consumes an order in one branch and sends it on in another. */
    void move(XASession from, XASession to, String session, XaStrike strike) throws Exception {
        String receiving = session + "-in";
        String sending = session + "-out";
        for (String name : new String[] {receiving, sending}) {
            history.write(
                    record(Op.OPEN, Phase.OK, name).ackMode(AckMode.TRANSACTED).build());
        }
        MessageConsumer consumer = from.createConsumer(from.createQueue(name(IN)));
        MessageProducer producer = to.createProducer(to.createQueue(name(OUT)));
        XaProbe first = new XaProbe(from.getXAResource(), history, receiving, strike, true);
        XaProbe second = new XaProbe(to.getXAResource(), history, sending, strike, false);
        manager.begin();
        try {
            boolean enlisted = manager.getTransaction().enlistResource(first)
                    && manager.getTransaction().enlistResource(second);
            Message message = enlisted ? consumer.receive(RECEIVE_MILLIS) : null;
            if (message == null) {
                manager.rollback();
            } else {
                Mid order = delivered((BytesMessage) message, receiving, first.tx());
                Mid copy = new Mid("copy", session + "/" + order.session() + "/" + order.seq(), OUT, 0);
                send(to, producer, copy, sending, second.tx());
                manager.commit();
            }
        } catch (HeuristicMixedException | HeuristicRollbackException e) {
            heuristic = true;
            System.out.println(e);
        } catch (RollbackException | JMSException e) {
            System.out.println(e);
        } finally {
            if (manager.getStatus() != Status.STATUS_NO_TRANSACTION) manager.rollback();
            for (String name : new String[] {receiving, sending}) {
                history.write(record(Op.LOST, Phase.INFO, name).build());
            }
        }
    }

    private Mid delivered(BytesMessage message, String session, String tx) throws JMSException {
        byte[] body = new byte[(int) message.getBodyLength()];
        message.readBytes(body);
        Mid mid = Body.read(body).orElseThrow(() -> new RigException("an order is damaged"));
        history.write(record(Op.DELIVER, Phase.OK, session)
                .dest(IN)
                .mid(mid)
                .tx(tx)
                .redelivered(message.getJMSRedelivered())
                .deliveryCount(message.getIntProperty("JMSXDeliveryCount"))
                .bodyCrc(Body.crc(body))
                .jmsId(message.getJMSMessageID())
                .build());
        return mid;
    }
}
