package org.larchmq.jms.session;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.message.LarchMessage;
import org.larchmq.jms.message.LarchTemporaryQueue;
import org.larchmq.jms.message.LarchTemporaryTopic;
import org.larchmq.jms.message.MessageDecoder;
import org.larchmq.jms.net.DeliveryBatch.Delivered;
import org.larchmq.jms.net.Transport;
import org.larchmq.jms.options.ClientOptions;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Frames.CreateConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session: one line of sends, deliveries and acknowledgements, used by one thread at a time except for close. */
public class LarchSession extends SessionConsumers implements QueueSession, TopicSession {
    private static final Logger LOG = LoggerFactory.getLogger(LarchSession.class);

    private final LarchConnection connection;
    private volatile Transport transport;
    private final Link link;
    private final ClientOptions options;
    private final int mode;
    private final boolean distributed;
    private final Acknowledger acknowledger;
    private final SessionInbox inbox;
    private final Redelivery redelivery;
    private final Transaction transaction;
    private final CompletionQueue completions;
    private final MessageSender sender;
    private final ListenerDispatcher dispatcher;
    private final LentMessages lent;
    private final String name;
    private final Set<LarchConsumer> consumers = ConcurrentHashMap.newKeySet();
    private final SessionBrowsers browsers;
    private final Closing closing = new Closing();
    private final Expiry expiry;
    private volatile int listeners;
    private volatile boolean closed;
    private volatile Runnable onClose = () -> {};

    LarchSession(LarchConnection connection, Transport transport, int mode, int number) {
        this(connection, transport, mode, number, false);
    }

    /** @param distributed whether it works for branches of distributed transactions, when it is told to */
    LarchSession(LarchConnection connection, Transport transport, int mode, int number, boolean distributed) {
        super(connection.trust());
        this.distributed = distributed;
        this.connection = connection;
        this.transport = transport;
        link = connection.link();
        this.mode = mode;
        options = connection.options();
        name = "larchmq-" + transport.peer() + "-session-" + number;
        expiry = new Expiry(options.discardExpired());
        acknowledger = new Acknowledger(link, transport, mode, options.autoAckWindow(), options.prefetch(), expiry);
        inbox = acknowledger.inbox();
        redelivery = new Redelivery(link, inbox, acknowledger, options.requestTimeoutMillis());
        transaction = mode == SESSION_TRANSACTED || distributed
                ? new Transaction(connection, acknowledger, inbox, !distributed)
                : null;
        completions = new CompletionQueue(
                name + "-completions",
                new CompletionQueue.Patience(
                        options.sendTimeoutMillis(),
                        link.failsOver() ? options.failoverTimeoutMillis() : 0,
                        link::isDown),
                connection.knownDestinations()::mayBeGone);
        sender = new MessageSender(connection, transport, transaction, completions);
        dispatcher = new ListenerDispatcher(this, inbox, name);
        lent = new LentMessages(inbox);
        browsers = new SessionBrowsers(options.closeTimeoutMillis());
        if (acknowledger.isAutomatic()) transport.outbound().flusher().watch(acknowledger);
    }

    SessionInbox inbox() {
        return inbox;
    }

    /** For threads that work for it. */
    String name() {
        return name;
    }

    MessageSender sender() {
        return sender;
    }

    LarchConnection connection() {
        return connection;
    }

    public boolean isClosed() {
        return closed;
    }

    Transaction transaction() {
        return transaction;
    }

    Redelivery redelivery() {
        return redelivery;
    }

    /** @throws JMSException when its transaction was ended behind its back: what is received now would be consumed alone */
    final void checkNotAbandoned() throws JMSException {
        if (transaction != null) transaction.checkNotAbandoned();
    }

    @Override
    final void checkOpen() throws JMSException {
        if (closed) throw JmsErrors.closed("session");
    }

    // Producers.

    @Override
    public MessageProducer createProducer(Destination destination) throws JMSException {
        return producer(destination);
    }

    private LarchProducer producer(Destination destination) throws JMSException {
        checkOpen();
        if (destination == null) return new LarchProducer(this, null);
        LarchDestination own = own(destination);
        connection.handle(own);
        return new LarchProducer(this, own);
    }

    @Override
    public QueueSender createSender(Queue queue) throws JMSException {
        return producer(queue);
    }

    @Override
    public TopicPublisher createPublisher(Topic topic) throws JMSException {
        return producer(topic);
    }

    // Consumers.

    @Override
    String clientId() throws JMSException {
        return connection.getClientID();
    }

    @Override
    LarchConsumer open(ConsumerRequest request) throws JMSException {
        LarchDestination from = request.from();
        connection.destinations().checkMayConsume(from);
        boolean tracked = distributed || !(request.isAlone() && acknowledger.isAutomatic());
        ConsumerInbox consumer = new ConsumerInbox(
                connection.nextConsumerId(), inbox, from, tracked, options.prefetch(), options.prefetchBytes());
        openAtBroker(consumer, request);
        LarchConsumer made = new LarchConsumer(this, consumer, redelivery, request.selector(), request.noLocal());
        consumers.add(made);
        redelivery.grantIfRunning(consumer);
        return made;
    }

    private void openAtBroker(ConsumerInbox consumer, ConsumerRequest request) throws JMSException {
        LarchDestination from = request.from();
        String selector = request.selector() == null ? "" : request.selector();
        int flags = request.flags() | (consumer.isTracked() ? 0 : CreateConsumer.UNTRACKED);
        consumer.setCreation((id, out) -> new CreateConsumer(
                        id, consumer.id(), from.kind(), from.name(), selector, flags, request.subscription(), 0, 0)
                .encode(out));
        connection.register(consumer);
        boolean opened = false;
        try {
            while (!opened) opened = openOn(link.usable(), consumer);
        } finally {
            if (!opened) connection.unregister(consumer);
        }
    }

    /** False when the transport was lost meanwhile, so that it has to be done again. */
    private boolean openOn(Transport on, ConsumerInbox consumer) throws JMSException {
        try {
            on.callOrThrow(options.requestTimeoutMillis(), consumer.creation());
        } catch (JMSException e) {
            if (!link.isLoss(e, on)) throw e;
            return false;
        }
        inbox.lock.lock();
        try {
            if (!inbox.isClosed()) {
                if (!inbox.isAttachedTo(on)) return false;
                return inbox.consumers().add(consumer);
            }
        } finally {
            inbox.lock.unlock();
        }
        consumer.close(); // the session was closed meanwhile
        on.call(options.closeTimeoutMillis(), (id, out) -> new Frames.CloseConsumer(id, consumer.id(), 0).encode(out));
        throw JmsErrors.closed("session");
    }

    /** What this session has acknowledged automatically arrives first. */
    @Override
    void endSubscription(String name) throws JMSException {
        acknowledger.flush();
        boolean asked = false;
        while (true) {
            Transport on = link.usable();
            try {
                Frames.Reply reply = on.call(options.requestTimeoutMillis(), (id, out) -> {
                    int mark = FrameType.UNSUBSCRIBE.begin(out);
                    out.putInt(id).putShortString(name);
                    FrameType.end(out, mark);
                });
                if (reply.code() == ErrorCode.OK) return;
                if (asked && reply.code() == ErrorCode.SUBSCRIPTION_UNKNOWN) return; // done before the answer was lost
                throw JmsErrors.refused(reply.code(), reply.text());
            } catch (JMSException e) {
                if (!link.isLoss(e, on)) throw e;
                asked = true;
            }
        }
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) throws JMSException {
        checkOpen();
        connection.destinations().checkMayConsume(own(queue));
        return new LarchQueueBrowser(this, queue, selector);
    }

    BrowserInbox openBrowser(Queue queue, String selector) throws JMSException {
        browsers.makeRoom();
        BrowserInbox opened = openAtBroker(queue, selector);
        browsers.add(opened);
        return opened;
    }

    private BrowserInbox openAtBroker(Queue queue, String selector) throws JMSException {
        while (true) {
            Transport on = link.usable();
            try {
                return BrowserInbox.open(connection, on, own(queue), selector);
            } catch (JMSException e) {
                if (!link.isLoss(e, on)) throw e; // otherwise it is opened on the next
            }
        }
    }

    void closeBrowser(BrowserInbox opened, CloseTime time) throws JMSException {
        browsers.close(opened, time);
    }

    /** What has been acknowledged automatically is gone for whoever looks now. */
    void tellAcknowledged() throws JMSException {
        if (acknowledger.isAutomatic()) acknowledger.flush();
    }

    boolean hasListeners() {
        return listeners > 0;
    }

    void setListener(ConsumerInbox consumer, MessageListener listener) {
        synchronized (this) {
            if (consumer.listener() == null && listener != null) listeners++;
            if (consumer.listener() != null && listener == null) listeners--;
        }
        inbox.setListener(consumer, listener);
        if (listener != null) dispatcher.ensureStarted();
    }

    void closeConsumer(LarchConsumer handle, ConsumerInbox consumer) throws JMSException {
        consumers.remove(handle);
        inbox.lock.lock();
        try {
            if (consumer.isClosed()) return;
            consumer.close();
            inbox.wake();
        } finally {
            inbox.lock.unlock();
        }
        CloseTime time = new CloseTime(options.closeTimeoutMillis());
        new Ending()
                .step(() -> awaitLastCall(consumer, time))
                .step(() -> endAtBroker(consumer, time))
                .step(() -> connection.unregister(consumer))
                .step(() -> forgetUnlessHolding(consumer))
                .end();
    }

    private void awaitLastCall(ConsumerInbox consumer, CloseTime time) {
        if (consumer.listener() == null) return;
        synchronized (this) {
            listeners--;
        }
        inbox.awaitListener(consumer, time.forApplicationMillis());
    }

    /** Its end at the broker; with a transport that is lost it has ended, and one that is being made is told. */
    private void endAtBroker(ConsumerInbox consumer, CloseTime time) throws JMSException {
        Transport on = transport;
        if (on.end() != null) return;
        long acknowledged = acknowledger.settledSoFar();
        try {
            acknowledger.flush();
            on.call(
                    time.forBrokerMillis(),
                    (id, out) -> new Frames.CloseConsumer(id, consumer.id(), consumer.lastSeen()).encode(out));
        } catch (JMSException e) {
            if (!link.isRestored(on)) throw e;
            return;
        }
        acknowledger.confirmed(acknowledged); // the answer comes when they are stored
    }

    /** What a closed consumer has handed over can still be acknowledged or given back. */
    private void forgetUnlessHolding(ConsumerInbox consumer) {
        inbox.lock.lock();
        try {
            consumer.dropBuffered();
            if (!consumer.holdsSeen()) inbox.consumers().remove(consumer);
        } finally {
            inbox.lock.unlock();
        }
    }

    // Hand-over.

    boolean isExpired(Delivered delivered) {
        return expiry.isOver(delivered);
    }

    LarchMessage decode(ConsumerInbox consumer, Delivered delivered) {
        return decode(consumer.destination(), delivered);
    }

    LarchMessage decode(LarchDestination destination, Delivered delivered) {
        LarchDestination origin = delivered.originKind() == null
                ? null
                : LarchDestination.of(delivered.originKind(), delivered.originName());
        MessageDecoder decoder = new MessageDecoder(
                destination, connection.trust(), transport.welcome().maxMessageBytes(), this::acknowledgeMessages);
        return decoder.decode(
                delivered.frame(),
                delivered.at(),
                delivered.size(),
                delivered.redelivered(),
                delivered.deliveryCount(),
                origin,
                delivered.reason());
    }

    /** Acknowledges what the session has received if its mode is CLIENT_ACKNOWLEDGE; in the others it has no effect. */
    public void acknowledgeMessages() throws JMSException {
        checkOpen();
        if (mode != CLIENT_ACKNOWLEDGE) return;
        checkUnitNotLost();
        Transport on = transport;
        try {
            acknowledger.acknowledgeDelivered(options.requestTimeoutMillis());
        } catch (JMSException e) {
            if (!link.isRestored(on)) throw e;
            throw JmsErrors.failed(
                    ClientError.OUTCOME_UNKNOWN,
                    "the connection was lost in acknowledge(): messages whose acknowledgement the broker did not get"
                            + " are delivered again, with JMSRedelivered",
                    e);
        }
        checkUnitNotLost(); // just now: then there was nothing to acknowledge
    }

    private void checkUnitNotLost() throws JMSException {
        if (!inbox.takeUnitLost()) return;
        throw JmsErrors.failed(
                ClientError.CONNECTION_LOST,
                "the connection was lost after these messages were received: they are not acknowledged and are"
                        + " delivered again, with JMSRedelivered");
    }

    /** A listener threw: its message is delivered again at once, or in the other modes the next one is. */
    void listenerFailed(ConsumerInbox consumer) throws JMSException {
        if (!acknowledger.isAutomatic()) return;
        inbox.refuseCurrent(consumer);
        redelivery.returnAll();
    }

    // Acknowledging, transactions.

    @Override
    public void recover() throws JMSException {
        checkOpen();
        if (transaction != null) throw JmsErrors.illegalState("a transacted session is rolled back, not recovered");
        redelivery.returnAll();
    }

    @Override
    public void commit() throws JMSException {
        checkTransacted("commit()");
        awaitCompletions();
        try {
            transaction.commit();
        } catch (TransactionRolledBackException e) {
            giveUpUnit(e);
            throw e;
        }
    }

    /** What goes wrong here is told with what the application has to know. */
    private void giveUpUnit(TransactionRolledBackException why) {
        try {
            transaction.rollback();
            redelivery.returnAll();
        } catch (JMSException e) {
            why.addSuppressed(e);
        }
    }

    @Override
    public void rollback() throws JMSException {
        checkTransacted("rollback()");
        awaitCompletions();
        transaction.rollback();
        redelivery.returnAll();
    }

    private void checkTransacted(String what) throws JMSException {
        checkOpen();
        if (transaction == null) throw JmsErrors.illegalState(what + " needs a transacted session");
        checkNotInCallback(what + " be called");
    }

    @Override
    public boolean getTransacted() throws JMSException {
        checkOpen();
        return transaction != null;
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        return mode;
    }

    // What connection consumers lend.

    /** Messages of another session's consumer, for {@link #run}; they are acknowledged as this session's mode says. False when closed. */
    boolean lend(ConsumerInbox origin, List<Delivered> messages, Transport cameOver) {
        return lent.add(origin, messages, cameOver);
    }

    /** Nobody will call {@link #run} for them: they go back, as after an attempt. */
    void giveBackLent(ConsumerInbox origin) throws JMSException {
        ConsumerInbox borrowed = lent.of(origin);
        if (borrowed != null) redelivery.returnBuffered(borrowed);
    }

    @Override
    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return lent.listener();
    }

    /** Gets what a connection consumer lends to this session, when {@link #run} is called (for application servers). */
    @Override
    public void setMessageListener(MessageListener listener) throws JMSException {
        checkOpen();
        lent.setListener(listener);
    }

    /** Hands what was lent to the session's listener, in the calling thread (for application servers). */
    @Override
    public void run() {
        dispatcher.runInCaller();
    }

    // The end.

    /** To be run when the session is closed, by whoever closes it. */
    void onClose(Runnable action) {
        onClose = action;
    }

    void checkNotInCallback(String what) throws JMSException {
        if (completions.isCallbackThread())
            throw JmsErrors.illegalState("in a completion listener " + what + " must not");
    }

    /** Whether a listener of this session has made this call: closing waits for it. */
    boolean isInCallback() {
        return completions.isCallbackThread() || inbox.isInListener();
    }

    /** Waits for another thread that closes it; not in a listener, and not when nobody does. */
    void awaitClosed() {
        if (closing.hasBegun() && !isInCallback()) closing.await(options.closeTimeoutMillis());
    }

    /** @throws jakarta.jms.IllegalStateException from this session's own listeners (specification 6.1.7, 8.7) */
    void checkMayClose(String what) throws JMSException {
        if (isInCallback()) {
            throw JmsErrors.illegalState(
                    "from a listener of the session " + what + " is not possible: it waits for it");
        }
    }

    void awaitCompletions() {
        awaitCompletions(options.closeTimeoutMillis());
    }

    private void awaitCompletions(int timeoutMillis) {
        if (!completions.awaitAll(timeoutMillis)) {
            LOG.warn("Asynchronous sends are not completed after {} ms (closeTimeout)", options.closeTimeoutMillis());
        }
    }

    @Override
    public void close() throws JMSException {
        if (closing.isDone() || closed && isInCallback()) return;
        checkMayClose("closing the session");
        close(new CloseTime(options.closeTimeoutMillis()));
    }

    /** Closes it to its end, whatever fails on the way; when another thread does so already, waits for it. */
    void close(CloseTime time) throws JMSException {
        if (!closing.begin()) {
            closing.await(time.forBrokerMillis());
            return;
        }
        new Ending()
                .step(() -> awaitCompletions(time.forApplicationMillis()))
                .step(inbox::close)
                .step(() -> awaitListener(time.forApplicationMillis()))
                .step(this::markClosed)
                .step(() -> endAtBroker(time))
                .step(this::unregisterConsumers)
                .step(() -> transport.outbound().flusher().unwatch(acknowledger))
                .step(sender::over)
                .step(completions::close)
                .step(sender::close)
                .step(() -> connection.forget(this))
                .step(onClose::run)
                .step(closing::end)
                .end();
    }

    /** From here on nothing is made anew for it when the connection is restored. */
    private void markClosed() {
        closed = true;
        for (LarchConsumer consumer : consumers) consumer.markClosed();
        inbox.lock.lock();
        try {
            for (ConsumerInbox consumer : inbox.consumers()) consumer.close();
        } finally {
            inbox.lock.unlock();
        }
    }

    /** What was consumed automatically may come again: to say nothing would promise that it does not. */
    private void throwIfInDoubt() throws JMSException {
        long inDoubt = acknowledger.unconfirmed();
        if (inDoubt == 0) return;
        throw JmsErrors.failed(
                ClientError.OUTCOME_UNKNOWN,
                "the session is closed, but its connection was lost before the broker had confirmed the"
                        + " acknowledgement of the last " + inDoubt
                        + " messages; those it did not get are delivered again, with JMSRedelivered");
    }

    /** The session is being closed, and its connection is usable: the last chance to hand something over. */
    void beforeEnd() throws JMSException {}

    private void endAtBroker(CloseTime time) throws JMSException {
        Transport on =
                transport; // read after the consumers were marked: a transport that is being made has them or not
        try {
            if (on.end() == null) {
                endOn(on, time);
                return;
            }
            browsers.close(time);
            throwIfInDoubt();
        } catch (JMSException e) {
            if (!link.isRestored(on)) throw e; // otherwise it has ended with its transport
            throwIfInDoubt();
        }
    }

    private void endOn(Transport on, CloseTime time) throws JMSException {
        Ending ending = new Ending().step(this::beforeEnd).step(() -> browsers.close(time));
        if (transaction != null) ending.step(() -> transaction.rollback(time.forBrokerMillis()));
        ending.step(acknowledger::flush)
                .step(redelivery::returnDelivered)
                .step(() -> endConsumers(on, time))
                .end();
    }

    private void endConsumers(Transport on, CloseTime time) throws JMSException {
        List<Transport.PendingRequest> requests = new ArrayList<>();
        for (ConsumerInbox consumer : allConsumers()) {
            if (consumer.isLent()) continue; // its end is another session's
            requests.add(
                    on.ask((id, out) -> new Frames.CloseConsumer(id, consumer.id(), consumer.lastSeen()).encode(out)));
        }
        on.outbound().flush();
        for (Transport.PendingRequest request : requests) request.await(time.forBrokerMillis());
    }

    private void unregisterConsumers() {
        inbox.lock.lock();
        try {
            for (ConsumerInbox consumer : inbox.consumers()) {
                if (!consumer.isLent()) connection.unregister(consumer);
                consumer.dropBuffered();
            }
            inbox.consumers().clear();
        } finally {
            inbox.lock.unlock();
        }
    }

    private List<ConsumerInbox> allConsumers() {
        inbox.lock.lock();
        try {
            return new ArrayList<>(inbox.consumers());
        } finally {
            inbox.lock.unlock();
        }
    }

    // Lost and restored with the connection.

    Transport transport() {
        return transport;
    }

    /**
     * Goes on over a new transport: makes the consumers again, and sends again what was not answered.
     *
     * @throws JMSException when the transport is lost
     */
    void restore(Transport to) throws JMSException {
        transport = to;
        inbox.attach(to);
        if (acknowledger.isAutomatic()) to.outbound().flusher().watch(acknowledger);
        List<ConsumerInbox> all = openConsumers();
        List<Transport.PendingRequest> requests = new ArrayList<>();
        for (ConsumerInbox consumer : all) requests.add(to.ask(consumer.creation()));
        to.outbound().flush();
        for (int i = 0; i < all.size(); i++) {
            Frames.Reply reply = requests.get(i).await(options.requestTimeoutMillis());
            if (reply.code() != ErrorCode.OK) connection.consumerEnded(all.get(i), reply.code(), reply.text());
        }
        sender.restore(to);
        for (ConsumerInbox consumer : all) {
            if (consumer.isClosed()) { // meanwhile
                to.ask((id, out) -> new Frames.CloseConsumer(id, consumer.id(), 0).encode(out));
            } else if (consumer.failure() == null) {
                redelivery.grantIfRunning(consumer);
            }
        }
        to.outbound().flush();
    }

    private List<ConsumerInbox> openConsumers() {
        inbox.lock.lock();
        try {
            List<ConsumerInbox> open = new ArrayList<>(inbox.consumers());
            open.removeIf(consumer -> consumer.isLent() || consumer.isClosed() || consumer.failure() != null);
            return open;
        } finally {
            inbox.lock.unlock();
        }
    }

    /** The connection is lost for good, or is being closed: then receivers that wait get no message. */
    void over(JMSException why, boolean isClosing) {
        if (isClosing) inbox.close();
        else inbox.fail(why);
        sender.over();
    }

    // Started and stopped with the connection.

    void start() throws JMSException {
        inbox.setRunning(true);
        for (ConsumerInbox consumer : allConsumers()) redelivery.grantIfRunning(consumer);
    }

    /** After a stop: returns when no listener runs. */
    void awaitListener() {
        awaitListener(options.closeTimeoutMillis());
    }

    private void awaitListener(int timeoutMillis) {
        if (!inbox.awaitListener(null, timeoutMillis)) {
            LOG.warn("A message listener has not returned after {} ms (closeTimeout)", options.closeTimeoutMillis());
        }
    }

    // Temporary destinations.

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        checkOpen();
        return new LarchTemporaryQueue(
                connection.destinations().makeTemporary(DestinationKind.TEMPORARY_QUEUE), connection);
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        checkOpen();
        return new LarchTemporaryTopic(
                connection.destinations().makeTemporary(DestinationKind.TEMPORARY_TOPIC), connection);
    }

    /** Whether an acknowledge mode is one of the API's. */
    static boolean isMode(int mode) {
        return mode == SESSION_TRANSACTED
                || mode == AUTO_ACKNOWLEDGE
                || mode == CLIENT_ACKNOWLEDGE
                || mode == DUPS_OK_ACKNOWLEDGE;
    }

    @Override
    public String toString() {
        return "LarchSession[" + (mode == Session.SESSION_TRANSACTED ? "transacted" : "acknowledge mode " + mode) + "]";
    }
}
