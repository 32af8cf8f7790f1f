package org.larchmq.jms.session;

import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.larchmq.jms.compression.BodyCompressor;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.ForeignMessages;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.message.LarchMessage;
import org.larchmq.jms.message.MessageEncoder;
import org.larchmq.jms.message.ObjectTrust;
import org.larchmq.jms.message.SendHeaders;
import org.larchmq.jms.net.Outbound;
import org.larchmq.jms.net.PendingSend;
import org.larchmq.jms.net.Transport;
import org.larchmq.jms.session.CompletionQueue.CallbackSend;
import org.larchmq.jms.session.Unanswered.Sent;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.SendLargeFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session's sends: gives a message its identity, encodes it once, sends it and waits for what has to be waited for. */
final class MessageSender {
    private static final Logger LOG = LoggerFactory.getLogger(MessageSender.class);
    private static final int KEEP_BYTES = 256 * 1024;

    private final LarchConnection connection;
    private final Link link;
    private Transport transport; // replaced with the lock held
    private final Unanswered unanswered;
    private final Transaction transaction;
    private final CompletionQueue completions;
    private final ObjectTrust trust;
    private final int sendTimeoutMillis;
    private final boolean nonPersistentAsync;
    private final boolean compresses;
    private BodyCompressor compressor;
    private int maxMessageBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final ByteWriter scratch = new ByteWriter(2048);
    private final PendingSend.Sink unawaited = this::logFailures;
    private final ProducerIdentity producer;
    private final ReentrantLock repeating = new ReentrantLock();
    private int renewalsSeen;
    private long sequence;

    /** @param transaction null when the session is not transacted */
    MessageSender(
            LarchConnection connection, Transport transport, Transaction transaction, CompletionQueue completions) {
        this.connection = connection;
        link = connection.link();
        unanswered = new Unanswered(completions, this::repeatRefused);
        this.transport = transport;
        this.transaction = transaction;
        this.completions = completions;
        trust = connection.trust();
        producer = connection.nextProducer();
        if (transaction != null) transaction.setProducer(producer);
        sendTimeoutMillis = connection.options().sendTimeoutMillis();
        nonPersistentAsync = connection.options().sendNonPersistentAsync();
        compresses = connection.options().compression() != null;
        maxMessageBytes = transport.welcome().maxMessageBytes();
    }

    /** Something that must not happen while a message is being added to the transaction. */
    interface Exclusive<T> {
        T run() throws JMSException;
    }

    /** Does it while no message is being sent or added. */
    <T> T exclusively(Exclusive<T> work) throws JMSException {
        lock.lock();
        try {
            return work.run();
        } finally {
            lock.unlock();
        }
    }

    /** Returns when the broker has confirmed the message; in a transaction, when it is part of it. */
    void send(LarchDestination destination, Message message, SendOptions how) throws JMSException {
        if (transaction != null && transaction.takesSends()) {
            addToTransaction(destination, message, how);
            return;
        }
        boolean waits = how.deliveryMode() == DeliveryMode.PERSISTENT || !nonPersistentAsync;
        if (link.failsOver() || !waits && destination.kind().isTemporary()) {
            Sent sent = appendTracked(destination, message, how, waits, null);
            if (waits) awaitConfirmation(destination, sent);
            return;
        }
        int handle = handle(destination);
        if (!waits) {
            append(destination, handle, message, how, new PendingSend(unawaited));
            transport.outbound().flushSoon();
            return;
        }
        PendingSend send = new PendingSend(null);
        append(destination, handle, message, how, send);
        transport.outbound().flush();
        try {
            awaitConfirmation(destination, send);
        } catch (InvalidDestinationException e) {
            repeat(destination, renewed(destination, handle, e), message, how);
        }
    }

    /** Once more, under the number that its destination has now. */
    private void repeat(LarchDestination destination, int handle, Message message, SendOptions how)
            throws JMSException {
        PendingSend send = new PendingSend(null);
        append(destination, handle, message, how, send);
        transport.outbound().flush();
        awaitConfirmation(destination, send);
    }

    /** @throws JMSException why the message was refused, when its destination has no other number */
    private int renewed(LarchDestination destination, int earlier, InvalidDestinationException refused)
            throws JMSException {
        repeatRefused(); // asynchronous sends before this one
        try {
            return connection.knownDestinations().renewed(destination, earlier);
        } catch (InvalidDestinationException e) {
            throw destination.kind().isTemporary() ? refused : e;
        }
    }

    /**
     * The broker's number for a destination. When that of a destination has changed, nothing is sent under the new one
     * before what was sent under the old one has been refused and sent again: messages keep their order.
     */
    private int handle(LarchDestination destination) throws JMSException {
        int handle = connection.handle(destination);
        BrokerDestinations destinations = connection.knownDestinations();
        int renewals = destinations.renewals();
        if (renewals == renewalsSeen && !unanswered.hasRefused()) return handle;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(sendTimeoutMillis);
        while (renewals != renewalsSeen || unanswered.hasRefused()) {
            transport.outbound().flush();
            switch (awaitRefusal(deadline)) {
                case REFUSED -> repeatRefused();
                case UNANSWERED ->
                    throw JmsErrors.failed(
                            ClientError.TIMEOUT,
                            "the broker has not answered earlier messages to destinations that were made anew within "
                                    + sendTimeoutMillis + " ms (sendTimeout); this one is not sent");
                case NONE -> renewalsSeen = renewals;
            }
            renewals = destinations.renewals();
        }
        return connection.handle(destination);
    }

    private Unanswered.Outdated awaitRefusal(long deadline) throws JMSException {
        try {
            return unanswered.awaitRefusal(connection.knownDestinations()::isOutdated, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.failed(ClientError.INTERRUPTED, "the thread was interrupted; the message is not sent", e);
        }
    }

    /** Sends again, in order, what was refused because its temporary destination has got another number. */
    private void repeatRefused() {
        repeating.lock();
        try {
            Sent sent;
            while ((sent = unanswered.nextRefused()) != null) repeatOrGiveUp(sent);
        } finally {
            repeating.unlock();
        }
    }

    private void repeatOrGiveUp(Sent sent) {
        JMSException refusal = unanswered.last(sent).send().failure();
        try {
            repeat(sent);
        } catch (InvalidDestinationException e) {
            unanswered.giveUp(sent, currentTransport(), refusal);
        } catch (JMSException e) {
            unanswered.giveUp(sent, currentTransport(), e);
        }
    }

    /** @throws JMSException when it could not be sent again, and will not be */
    private void repeat(Sent sent) throws JMSException {
        Unanswered.Attempt refused = unanswered.last(sent);
        connection.knownDestinations().renewed(sent.destination(), unanswered.handle(sent));
        while (true) {
            Transport on = currentTransport();
            int handle = connection.handle(sent.destination());
            lock.lock();
            try {
                if (unanswered.last(sent) != refused) return; // sent again meanwhile, with everything else
                if (transport != on) continue;
                Unanswered.Attempt attempt = unanswered.attempt(sent, on);
                unanswered.repeats(sent, attempt, handle);
                try {
                    if (sent.wasResent()) appendAgain(attempt, handle, sent);
                    else append(attempt, handle, sent.bytes());
                } catch (JMSException e) {
                    if (!link.isRestored(on)) throw e;
                    unanswered.lostBeforeSent(attempt);
                    return;
                }
            } finally {
                lock.unlock();
            }
            on.outbound().flush();
            return;
        }
    }

    /** Returns when the message is under way; the listener is told how it went. */
    void sendAsync(LarchDestination destination, Message message, SendOptions how, CompletionListener listener)
            throws JMSException {
        CallbackSend send = new CallbackSend(completions, listener, message);
        completions.opened(send, sendTimeoutMillis);
        boolean underWay = false;
        try {
            if (transaction != null && transaction.takesSends()) {
                addToTransaction(destination, message, how);
                completions.completed(List.of(send));
            } else if (link.failsOver() || destination.kind().isTemporary()) {
                appendTracked(destination, message, how, false, send);
            } else {
                append(destination, handle(destination), message, how, send);
                transport.outbound().flushSoon();
            }
            send.isUnderWay();
            underWay = true;
        } finally {
            if (!underWay) completions.abandoned(send);
        }
    }

    private void append(LarchDestination destination, int handle, Message message, SendOptions how, PendingSend send)
            throws JMSException {
        LarchMessage own = own(message);
        lock.lock();
        try {
            encode(own, destination, how);
            producer.declareOn(transport);
            if (scratch.size() > Protocol.LARGE_MESSAGE_BYTES) {
                transport
                        .outbound()
                        .appendLarge(
                                send,
                                handle,
                                0,
                                SendLargeFrame.NOT_SENT_BEFORE,
                                scratch.array(),
                                scratch.size(),
                                sendTimeoutMillis);
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

    /** Sends a message that is sent again when the connection is restored before it is answered. */
    private Sent appendTracked(
            LarchDestination destination, Message message, SendOptions how, boolean awaited, CallbackSend told)
            throws JMSException {
        LarchMessage own = own(message);
        Sent sent = null;
        while (true) {
            Transport on = currentTransport();
            int handle = handle(destination);
            lock.lock();
            try {
                if (transport != on) continue; // restored meanwhile: the number may be another
                if (sent == null) sent = new Sent(destination, encoded(own, destination, how), awaited, told);
                if (told != null) forgetWhenGivenUp(told, sent);
                if (appendTracked(sent, handle, on)) break;
            } finally {
                lock.unlock();
            }
            link.usable();
        }
        if (awaited) transport.outbound().flush();
        else transport.outbound().flushSoon();
        if (own != message) ForeignMessages.copySendHeaders(own, message);
        return sent;
    }

    private void forgetWhenGivenUp(CallbackSend told, Sent sent) {
        told.whenGivenUp(() -> unanswered.remove(sent));
    }

    private byte[] encoded(LarchMessage message, LarchDestination destination, SendOptions how) throws JMSException {
        try {
            encode(message, destination, how);
            return scratch.toByteArray();
        } finally {
            scratch.clear();
            scratch.shrink(KEEP_BYTES);
        }
    }

    /** False when the transport was lost before the message was under way. */
    private boolean appendTracked(Sent sent, int handle, Transport on) throws JMSException {
        Unanswered.Attempt attempt = unanswered.attempt(sent, on);
        unanswered.add(sent, attempt, handle);
        boolean underWay = false;
        try {
            append(attempt, handle, sent.bytes());
            underWay = true;
        } catch (JMSException e) {
            if (!link.isRestored(on)) throw e;
        } finally {
            if (!underWay) unanswered.remove(sent);
        }
        return underWay;
    }

    private void append(Unanswered.Attempt attempt, int handle, byte[] message) throws JMSException {
        producer.declareOn(attempt.on());
        Outbound outbound = attempt.on().outbound();
        byte[] bytes = asTaken(attempt.on(), message);
        if (bytes.length > Protocol.LARGE_MESSAGE_BYTES) {
            long before = SendLargeFrame.NOT_SENT_BEFORE;
            outbound.appendLarge(attempt.send(), handle, 0, before, bytes, bytes.length, sendTimeoutMillis);
        } else {
            outbound.appendSend(attempt.send(), handle, 0, bytes, 0, bytes.length, sendTimeoutMillis);
        }
    }

    private void appendAgain(Unanswered.Attempt attempt, int handle, Sent sent) throws JMSException {
        producer.declareOn(attempt.on());
        Outbound outbound = attempt.on().outbound();
        byte[] bytes = asTaken(attempt.on(), sent.bytes());
        if (bytes.length > Protocol.LARGE_MESSAGE_BYTES) {
            outbound.appendLarge(attempt.send(), handle, 0, sent.since(), bytes, bytes.length, sendTimeoutMillis);
        } else {
            outbound.appendResend(attempt.send(), handle, sent.since(), bytes, sendTimeoutMillis);
        }
    }

    /** It may have been compressed for a broker before, and this one does not take it so. */
    private byte[] asTaken(Transport on, byte[] message) throws JMSException {
        return !compresses || connection.takesCompressed(on) ? message : BodyCompressor.undo(message);
    }

    private Transport currentTransport() {
        lock.lock();
        try {
            return transport;
        } finally {
            lock.unlock();
        }
    }

    /** Everything goes over a new transport: first, in order, what was not answered on the one before. */
    void restore(Transport to) throws JMSException {
        if (transaction != null) return; // it knows itself where it was
        lock.lock();
        try {
            transport = to;
            maxMessageBytes = to.welcome().maxMessageBytes();
            for (Sent sent : unanswered.lost()) {
                if (!sent.wasSentTo(to)) {
                    unanswered.giveUp(sent, to, atAnotherStore(sent, to));
                    continue;
                }
                Unanswered.Attempt attempt = unanswered.attempt(sent, to);
                int handle = connection.knownDestinations().restored(sent.destination(), to);
                appendAgain(attempt, handle, sent);
                sent.sentAgain();
                unanswered.again(sent, attempt, handle);
            }
        } finally {
            lock.unlock();
        }
        to.outbound().flush();
    }

    /** The session sends no more. */
    void close() {
        producer.close();
    }

    /** Nothing is sent again: the connection is at its end. */
    void over() {
        unanswered.over();
    }

    private void addToTransaction(LarchDestination destination, Message message, SendOptions how) throws JMSException {
        LarchMessage own = own(message);
        int handle = connection.handle(destination);
        lock.lock();
        try {
            transaction.checkTakesSends();
            encode(own, destination, how);
            transaction.add(destination, handle, scratch);
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
                producer.id(),
                ++sequence,
                how.messageId(),
                how.timestamp() ? now : 0,
                after(now, how.ttlMillis()),
                after(now, how.delayMillis()),
                how.deliveryMode(),
                how.priority(),
                link.failsOver() && transaction == null);
        MessageEncoder.encode(message, headers, scratch);
        if (scratch.size() > maxMessageBytes) {
            throw JmsErrors.exhausted(
                    ClientError.MESSAGE_TOO_LARGE,
                    "the message has " + scratch.size() + " bytes, the broker takes at most " + maxMessageBytes
                            + " (limits.maxMessage)");
        }
        if (compresses && connection.takesCompressed(link.transport()))
            compressor().compress(scratch);
        if (scratch.size() > Protocol.LARGE_MESSAGE_BYTES) checkHead();
        message.stamp(headers);
    }

    private BodyCompressor compressor() throws JMSException {
        if (compressor == null) compressor = connection.compressor();
        return compressor;
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
        if (!transport.await(send, sendTimeoutMillis)) throw unconfirmed(destination);
        JMSException failure = send.failure();
        if (failure == null) return;
        if (failure == transport.end()) throw unknown(destination, failure);
        throw refused(destination, failure);
    }

    /** The same across as many transports as it takes. */
    private void awaitConfirmation(LarchDestination destination, Sent sent) throws JMSException {
        try {
            while (true) {
                Unanswered.Attempt attempt = unanswered.last(sent);
                if (!attempt.on().await(attempt.send(), sendTimeoutMillis)) throw unconfirmed(destination);
                JMSException failure = attempt.send().failure();
                if (failure == null) return;
                if (attempt.isLost()) awaitRestored(destination);
                else if (unanswered.mayRepeat(sent)) repeat(destination, sent, failure);
                else throw refused(destination, failure);
            }
        } finally {
            unanswered.remove(sent);
        }
    }

    private void repeat(LarchDestination destination, Sent sent, JMSException refusal) throws JMSException {
        repeatRefused(); // asynchronous sends before this one
        try {
            repeat(sent);
        } catch (InvalidDestinationException e) {
            throw refused(destination, refusal);
        }
    }

    private void awaitRestored(LarchDestination destination) throws JMSException {
        try {
            link.usable();
        } catch (JMSException e) {
            throw unknown(destination, e);
        }
    }

    private JMSException unconfirmed(LarchDestination destination) {
        return JmsErrors.failed(
                ClientError.OUTCOME_UNKNOWN,
                "the broker has not confirmed a message to " + destination + " within " + sendTimeoutMillis
                        + " ms (sendTimeout); it may or may not be stored");
    }

    private static JMSException unknown(LarchDestination destination, JMSException why) {
        return JmsErrors.failed(
                ClientError.OUTCOME_UNKNOWN,
                "a message to " + destination + " may or may not be stored: " + why.getMessage(),
                why);
    }

    private JMSException refused(LarchDestination destination, JMSException failure) {
        if (failure instanceof InvalidDestinationException)
            connection.knownDestinations().forget(destination);
        return JmsErrors.again(failure);
    }

    /** Sending it to another store as well could make it two messages. */
    private static JMSException atAnotherStore(Sent sent, Transport to) {
        return JmsErrors.failed(
                ClientError.OUTCOME_UNKNOWN,
                "a message to " + sent.destination() + " may or may not be stored: the connection was lost before the"
                        + " broker had confirmed it, and was restored with " + to.peer()
                        + ", which has another store and cannot know. It was not sent to that one; send it again if it"
                        + " may be there twice");
    }

    /** Of sends that nobody waits for. */
    private void logFailures(List<PendingSend> sends) {
        for (PendingSend send : sends) {
            if (send.failure() instanceof InvalidDestinationException)
                connection.knownDestinations().mayBeGone();
            if (send.failure() != null) LOG.warn("A NON_PERSISTENT message was not stored", send.failure());
        }
    }
}
