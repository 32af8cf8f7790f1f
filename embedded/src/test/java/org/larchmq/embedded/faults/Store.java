package org.larchmq.embedded.faults;

import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import jakarta.jms.XAConnection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.larchmq.embedded.EmbeddedLarchMQ;
import org.larchmq.jms.LarchConnectionFactory;
import org.larchmq.jms.LarchXAConnectionFactory;

/** A broker with a store of its own, reached directly: to put messages there before, and to see what is left. */
record Store(EmbeddedLarchMQ broker) {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    int port() {
        return broker.port();
    }

    JMSContext open(String clientId) {
        return new LarchConnectionFactory(broker.uri() + "?clientId=" + clientId).createContext();
    }

    /** A client of the same identity as the one that has gone; the broker may learn a moment later that it has. */
    JMSContext openAfterwards(String clientId, long millis) {
        return soon(millis, InvalidClientIDRuntimeException.class, () -> open(clientId));
    }

    /** Tries until it is not refused so any more, or the time is over. */
    static <T> T soon(long millis, Class<? extends RuntimeException> refusal, Supplier<T> attempt) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (true) {
            try {
                return attempt.get();
            } catch (RuntimeException e) {
                if (!refusal.isInstance(e) || System.nanoTime() - deadline > 0) throw e;
            }
            LockSupport.parkNanos(PAUSE_NANOS); // there is nothing to wait for: the broker tells nobody
        }
    }

    static List<String> drain(JMSConsumer consumer) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (Message next = consumer.receiveNoWait(); next != null; next = consumer.receiveNoWait()) {
            texts.add(text(next));
        }
        return texts;
    }

    /** The text that a message was made with; of a large one, what stands before the filling. */
    static String text(Message message) throws JMSException {
        String text = ((TextMessage) message).getText();
        int filling = text.indexOf(' ');
        return filling < 0 ? text : text.substring(0, filling);
    }

    /** Rolls back what is left of a global transaction. */
    void rollBackBranches(byte[] globalId) throws JMSException, XAException {
        try (XAConnection connection = new LarchXAConnectionFactory(broker.uri()).createXAConnection()) {
            XAResource resource = connection.createXASession().getXAResource();
            for (Xid branch : resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN)) {
                if (Arrays.equals(branch.getGlobalTransactionId(), globalId)) resource.rollback(branch);
            }
        }
    }
}
