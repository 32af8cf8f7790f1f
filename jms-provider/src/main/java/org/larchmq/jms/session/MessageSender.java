package org.larchmq.jms.session;

import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.ForeignMessages;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.message.LarchMessage;
import org.larchmq.jms.message.MessageEncoder;
import org.larchmq.jms.message.ObjectTrust;
import org.larchmq.jms.message.SendHeaders;
import org.larchmq.jms.net.PendingSend;
import org.larchmq.jms.net.Transport;
import org.larchmq.wire.MessageLayout;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.WireWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session's sends: gives a message its identity, encodes it once, sends it and waits for what has to be waited for. */
final class MessageSender {
    private static final Logger LOG = LoggerFactory.getLogger(MessageSender.class);
    private static final int KEEP_BYTES = 256 * 1024;

    private final LarchConnection connection;
    private final Transport transport;
    private final Transaction transaction;
    private final CompletionQueue completions;
    private final ObjectTrust trust;
    private final int sendTimeoutMillis;
    private final boolean nonPersistentAsync;
    private final int maxMessageBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final WireWriter scratch = new WireWriter(2048);
    private final PendingSend.Sink unawaited = MessageSender::logFailures;
    private final long producerId = ThreadLocalRandom.current().nextLong();
    private long sequence;

    /** @param transaction null when the session is not transacted */
    MessageSender(
            LarchConnection connection, Transport transport, Transaction transaction, CompletionQueue completions) {
        this.connection = connection;
        this.transport = transport;
        this.transaction = transaction;
        this.completions = completions;
        trust = connection.trust();
        sendTimeoutMillis = connection.options().sendTimeoutMillis();
        nonPersistentAsync = connection.options().sendNonPersistentAsync();
        maxMessageBytes = transport.welcome().maxMessageBytes();
    }

    /** Returns when the broker has confirmed the message; in a transaction, when it is part of it. */
    void send(LarchDestination destination, Message message, SendOptions how) throws JMSException {
        if (transaction != null && transaction.isActive()) {
            addToTransaction(destination, message, how);
            return;
        }
        boolean waits = how.deliveryMode() == DeliveryMode.PERSISTENT || !nonPersistentAsync;
        PendingSend send = new PendingSend(waits ? null : unawaited);
        append(destination, message, how, send);
        if (!waits) {
            transport.outbound().flushSoon();
            return;
        }
        transport.outbound().flush();
        awaitConfirmation(destination, send);
    }

    /** Returns when the message is under way; the listener is told how it went. */
    void sendAsync(LarchDestination destination, Message message, SendOptions how, CompletionListener listener)
            throws JMSException {
        CompletionQueue.CallbackSend send = new CompletionQueue.CallbackSend(completions, listener, message);
        completions.opened(send, sendTimeoutMillis);
        boolean underWay = false;
        try {
            if (transaction != null && transaction.isActive()) {
                addToTransaction(destination, message, how);
                completions.completed(List.of(send));
            } else {
                append(destination, message, how, send);
                transport.outbound().flushSoon();
            }
            underWay = true;
        } finally {
            if (!underWay) completions.abandoned(send);
        }
    }

    private void append(LarchDestination destination, Message message, SendOptions how, PendingSend send)
            throws JMSException {
        LarchMessage own = own(message);
        int handle = connection.handle(destination);
        lock.lock();
        try {
            encode(own, destination, how);
            if (scratch.size() > Protocol.LARGE_MESSAGE_BYTES) {
                transport.outbound().appendLarge(send, handle, 0, scratch.array(), scratch.size(), sendTimeoutMillis);
            } else {
                transport.outbound().appendSend(send, handle, 0, scratch.array(), 0, scratch.size(), sendTimeoutMillis);
            }
        } finally {
            scratch.clear();
            scratch.shrink(KEEP_BYTES);
            lock.unlock();
        }
        if (own != message) ForeignMessages.copySendHeaders(own, message);
    }

    private void addToTransaction(LarchDestination destination, Message message, SendOptions how) throws JMSException {
        LarchMessage own = own(message);
        int handle = connection.handle(destination);
        lock.lock();
        try {
            encode(own, destination, how);
            transaction.add(handle, scratch);
        } finally {
            scratch.clear();
            scratch.shrink(KEEP_BYTES);
            lock.unlock();
        }
        if (own != message) ForeignMessages.copySendHeaders(own, message);
    }

    private LarchMessage own(Message message) throws JMSException {
        return message instanceof LarchMessage own ? own : ForeignMessages.copy(message, trust);
    }

    private void encode(LarchMessage message, LarchDestination destination, SendOptions how) throws JMSException {
        long now = System.currentTimeMillis();
        SendHeaders headers = new SendHeaders(
                destination,
                producerId,
                ++sequence,
                how.messageId(),
                how.timestamp() ? now : 0,
                after(now, how.ttlMillis()),
                after(now, how.delayMillis()),
                how.deliveryMode(),
                how.priority());
        MessageEncoder.encode(message, headers, scratch);
        if (scratch.size() > maxMessageBytes) {
            throw JmsErrors.exhausted(
                    ClientError.MESSAGE_TOO_LARGE,
                    "the message has " + scratch.size() + " bytes, the broker takes at most " + maxMessageBytes
                            + " (limits.maxMessage)");
        }
        if (scratch.size() > Protocol.LARGE_MESSAGE_BYTES) checkHead();
        message.stamp(headers);
    }

    private void checkHead() throws JMSException {
        int headBytes = MessageLayout.bodyAt(ByteBuffer.wrap(scratch.array()), 0);
        if (headBytes <= Protocol.LARGE_MESSAGE_BYTES) return;
        throw JmsErrors.exhausted(
                ClientError.MESSAGE_TOO_LARGE,
                "the message's headers and properties have " + headBytes + " bytes, at most "
                        + Protocol.LARGE_MESSAGE_BYTES + " are possible; put more into its body");
    }

    /** 0 for 0, and the end of time for what is longer than that. */
    private static long after(long nowMillis, long millis) {
        if (millis == 0) return 0;
        long sum = nowMillis + millis;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private void awaitConfirmation(LarchDestination destination, PendingSend send) throws JMSException {
        if (!transport.await(send, sendTimeoutMillis)) {
            throw JmsErrors.failed(
                    ClientError.OUTCOME_UNKNOWN,
                    "the broker has not confirmed a message to " + destination + " within " + sendTimeoutMillis
                            + " ms (sendTimeout); it may or may not be stored");
        }
        JMSException failure = send.failure();
        if (failure == null) return;
        if (failure instanceof InvalidDestinationException)
            connection.destinations().forget(destination);
        if (failure == transport.end()) {
            throw JmsErrors.failed(
                    ClientError.OUTCOME_UNKNOWN,
                    "a message to " + destination + " may or may not be stored: " + failure.getMessage(),
                    failure);
        }
        throw JmsErrors.again(failure);
    }

    /** Of sends that nobody waits for. */
    private static void logFailures(List<PendingSend> sends) {
        for (PendingSend send : sends) {
            if (send.failure() != null) LOG.warn("A NON_PERSISTENT message was not stored", send.failure());
        }
    }
}
