package org.larchmq.jms.session;

import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.larchmq.jms.compression.BodyCompressor;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.error.Unchecked;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.message.ObjectTrust;
import org.larchmq.jms.message.TemporaryOwner;
import org.larchmq.jms.net.DeliveryBatch;
import org.larchmq.jms.net.Transport;
import org.larchmq.jms.net.TransportEvents;
import org.larchmq.jms.options.ClientOptions;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.jms.options.Option;
import org.larchmq.message.Compression;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.Names;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.ClientIdentity;
import org.larchmq.wire.ClientSecret;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection to a broker: connected and logged in when it is made, stopped until it is started. */
public class LarchConnection implements QueueConnection, TopicConnection, TemporaryOwner {
    private static final Logger LOG = LoggerFactory.getLogger(LarchConnection.class);

    /** Ends with an empty line, after which a web server that is there instead of a broker answers at once. */
    private static final String PRODUCT = "LarchMQ JMS " + LarchMetaData.PROVIDER_VERSION + "\r\n\r\n";

    private final LarchUri uri;
    private final ClientOptions options;
    private final ObjectTrust trust;
    private final Map<Integer, ConsumerInbox> consumers = new ConcurrentHashMap<>();
    private final Map<Integer, BrowserInbox> browsers = new ConcurrentHashMap<>();
    private final Set<LarchSession> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicInteger consumerIds = new AtomicInteger();
    private final AtomicInteger sessionNumbers = new AtomicInteger();
    private final AtomicInteger producers = new AtomicInteger();
    private final AtomicLong transactionIds = new AtomicLong();
    private final Closing closing = new Closing();
    private final Object lifecycle = new Object();
    private final ExceptionReports exceptionReports = new ExceptionReports();
    private final BrokerDestinations destinations;
    private final Link link;
    private final Reconnector reconnector;
    private final ClientSecret secret = ClientSecret.random();
    private final ClientIdentity identity;
    private volatile String clientId;
    private volatile boolean forQueues;
    private volatile boolean used;
    private volatile boolean started;
    private volatile boolean closed;
    private volatile ExceptionListener exceptionListener;
    private volatile KeepAlive keepAlive;

    LarchConnection(LarchUri uri) {
        this(uri, uri.failover());
    }

    /** @param restored whether a lost connection is restored */
    LarchConnection(LarchUri uri, boolean restored) {
        this.uri = uri;
        options = uri.options();
        identity = new ClientIdentity(options.user(), secret);
        trust = new ObjectTrust(options.trustedPackages());
        link = new Link(restored, options.failoverTimeoutMillis());
        reconnector = new Reconnector(uri, this::connect, this::restore);
        destinations = new BrokerDestinations(link, options.requestTimeoutMillis());
        clientId = options.clientId().isEmpty() ? null : options.clientId();
    }

    /** @throws JMSException when there is no broker or it does not let us in */
    public static LarchConnection open(LarchUri uri) throws JMSException {
        LarchConnection connection = new LarchConnection(uri);
        connection.openTransport();
        return connection;
    }

    final void openTransport() throws JMSException {
        compressor(); // a missing library shows now
        Transport first = reconnector.first();
        link.replace(first);
        if (options.keepAlive()) keepAlive = KeepAlive.start("larchmq-" + first.peer() + "-keep-alive");
        JMSException end = first.end();
        if (end != null) lost(first, end); // before it was known as ours
    }

    /** The way to the broker; whether it is usable must be asked. */
    final Transport transport() {
        return link.transport();
    }

    LarchUri uri() {
        return uri;
    }

    /** Who the next session is as a producer. */
    final ProducerIdentity nextProducer() {
        return new ProducerIdentity(identity, producers.incrementAndGet());
    }

    final int nextSessionNumber() {
        return sessionNumbers.incrementAndGet();
    }

    private Transport connect(LarchUri.Address broker) throws JMSException {
        Frames.Hello hello = new Frames.Hello(
                Protocol.LOWEST_VERSION,
                Protocol.VERSION,
                clientId == null ? "" : clientId,
                options.user(),
                options.password(),
                PRODUCT,
                options.heartbeatMillis(),
                reconnector.connectionId(),
                secret);
        Transport.Limits limits = new Transport.Limits(
                options.connectTimeoutMillis(),
                options.requestTimeoutMillis(),
                options.sendTimeoutMillis(),
                options.isSet(Option.HEARTBEAT) ? options.heartbeatMillis() : Transport.Limits.AS_THE_BROKER_SAYS);
        Events events = new Events();
        Transport made = Transport.connect(broker.host(), broker.port(), hello, limits, events, reconnector::isDialing);
        if (!takesCompressed(made)) {
            LOG.warn(
                    "The broker at {} does not take messages compressed with {}: they are sent as they are",
                    made.peer(),
                    options.compression().text());
        }
        events.transport = made;
        made.start();
        return made;
    }

    /** For one session; null when bodies are not to be compressed. */
    BodyCompressor compressor() throws JMSException {
        Compression compression = options.compression();
        return compression == null ? null : new BodyCompressor(compression, options.compressionMinBytes());
    }

    /** Whether what we send may be compressed as it is asked for, if it is. */
    boolean takesCompressed(Transport on) {
        Compression compression = options.compression();
        return compression == null || compression.isIn(on.welcome().compressions());
    }

    // Failing over.

    private void lost(Transport transport, JMSException why) {
        if (closed || transport == null || transport != link.transport()) return;
        if (!link.failsOver() || closing.hasBegun()) {
            giveUp(why);
            return;
        }
        LOG.warn("{}; it is being restored", why.getMessage());
        detach();
        reconnector.start(link, this::giveUp);
    }

    private void detach() {
        for (LarchSession session : sessions) session.inbox().detach();
    }

    /** Everything goes on over a new transport, or nothing does. */
    private void restore(Transport to) throws JMSException {
        synchronized (lifecycle) {
            detach();
            destinations.restore(to);
            for (LarchSession session : sessions) session.restore(to);
            link.replace(to);
        }
        LOG.info("The connection is restored, with the broker at {}", to.peer());
    }

    /** It is lost for good. */
    private void giveUp(JMSException why) {
        if (!link.end(why)) return;
        boolean isClosing = closing.hasBegun();
        for (LarchSession session : sessions) session.over(why, isClosing);
        if (!isClosing) tellExceptionListener(why);
        exceptionReports.afterwards(this::endKeepAlive); // the listener may connect again
    }

    private void endKeepAlive() {
        KeepAlive started = keepAlive;
        if (started != null) started.end();
    }

    Link link() {
        return link;
    }

    /** Whether nothing will be restored any more. */
    boolean isOver() {
        return link.end() != null;
    }

    ClientOptions options() {
        return options;
    }

    ObjectTrust trust() {
        return trust;
    }

    boolean isUnusable() {
        return link.isDown();
    }

    private void checkOpen() throws JMSException {
        if (closed) throw JmsErrors.closed("connection");
    }

    private void checkUsable() throws JMSException {
        checkOpen();
        used = true;
        JMSException end = link.end();
        if (end != null) throw JmsErrors.again(end);
    }

    /** From now on it is a QueueConnection: what belongs to topics is an IllegalStateException. */
    public LarchConnection forQueues() {
        forQueues = true;
        return this;
    }

    private void checkMaySubscribe(String what) throws JMSException {
        checkOpen();
        if (forQueues) throw JmsErrors.illegalState(what + " belongs to topics, and this is a QueueConnection");
    }

    // Sessions.

    @Override
    public Session createSession() throws JMSException {
        return createSession(Session.AUTO_ACKNOWLEDGE);
    }

    @Override
    public Session createSession(int sessionMode) throws JMSException {
        return add(new LarchSession(this, usable(), checkedMode(sessionMode), sessionNumbers.incrementAndGet()));
    }

    @Override
    public Session createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return createSession(transacted ? Session.SESSION_TRANSACTED : untransacted(acknowledgeMode));
    }

    /** The session that a context is made with: the context's client id can still be set. */
    public LarchSession createContextSession(int sessionMode) throws JMSException {
        return keepingUnused(() -> (LarchSession) createSession(sessionMode));
    }

    /** Does what is no use of the connection for which a client id would be too late. */
    final <S> S keepingUnused(Unchecked.Call<S> making) throws JMSException {
        boolean before = used;
        S made = making.run();
        used = before;
        return made;
    }

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        int mode = checkedMode(transacted ? Session.SESSION_TRANSACTED : untransacted(acknowledgeMode));
        return add(new LarchQueueSession(this, usable(), mode, sessionNumbers.incrementAndGet()));
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        int mode = checkedMode(transacted ? Session.SESSION_TRANSACTED : untransacted(acknowledgeMode));
        return add(new LarchTopicSession(this, usable(), mode, sessionNumbers.incrementAndGet()));
    }

    final Transport usable() throws JMSException {
        checkUsable();
        return link.usable();
    }

    private int untransacted(int acknowledgeMode) throws JMSException {
        checkOpen();
        if (acknowledgeMode != Session.SESSION_TRANSACTED) return acknowledgeMode;
        throw JmsErrors.illegalArgument(
                "SESSION_TRANSACTED is no acknowledge mode of a session that is not transacted");
    }

    private int checkedMode(int mode) throws JMSException {
        checkOpen();
        if (!LarchSession.isMode(mode)) throw JmsErrors.illegalArgument("no session mode " + mode);
        return mode;
    }

    final <S extends LarchSession> S add(S session) throws JMSException {
        synchronized (lifecycle) {
            sessions.add(session); // before it is asked whether the connection is being closed: that asks for sessions
            if (closing.hasBegun()) {
                sessions.remove(session);
                session.close(new CloseTime(options.closeTimeoutMillis()));
                throw JmsErrors.closed("connection");
            }
            if (session.transport() != link.transport()) session.restore(link.transport());
            if (started) session.start();
        }
        return session;
    }

    void forget(LarchSession session) {
        sessions.remove(session);
    }

    // Start, stop, close.

    @Override
    public void start() throws JMSException {
        checkUsable();
        synchronized (lifecycle) {
            started = true;
            for (LarchSession session : sessions) session.start();
        }
    }

    /** Returns when no listener runs; nothing is handed over until the next start. */
    @Override
    public void stop() throws JMSException {
        checkUsable();
        for (LarchSession session : sessions) {
            if (session.inbox().isInListener()) {
                throw JmsErrors.illegalState("a message listener cannot stop its connection: stop waits for it");
            }
        }
        synchronized (lifecycle) {
            started = false;
            for (LarchSession session : sessions) session.inbox().setRunning(false);
        }
        for (LarchSession session : sessions) session.awaitListener();
    }

    /**
     * Closes the sessions, says good-bye to the broker for at most the close timeout, and ends the threads. When another
     * thread does so already, waits for it.
     */
    @Override
    public void close() throws JMSException {
        if (closing.isDone()) return;
        for (LarchSession session : sessions) session.checkMayClose("closing the connection");
        if (!closing.begin()) {
            closing.await(options.closeTimeoutMillis());
            return;
        }
        CloseTime time = new CloseTime(options.closeTimeoutMillis());
        new Ending()
                .step(this::stopRestoring)
                .step(() -> closeSessions(time))
                .step(() -> closed = true)
                .step(() -> endTransport(time))
                .step(this::endKeepAlive)
                .step(closing::end)
                .quietly(e -> LOG.debug("The connection was not closed in order", e));
    }

    /** What is being restored is not wanted any more: nobody waits for it. */
    private void stopRestoring() {
        if (!link.failsOver() || !link.isDown()) return;
        giveUp(JmsErrors.closed("connection"));
        reconnector.stop();
    }

    /** One that is made meanwhile closes itself, see {@link #add}. */
    private void closeSessions(CloseTime time) throws JMSException {
        Ending ending = new Ending();
        for (LarchSession session : sessions) ending.step(() -> session.close(time));
        ending.end();
    }

    /** Last step of closing. */
    void endTransport(CloseTime time) {
        new Ending()
                .step(() -> goodBye(time))
                .step(() -> link.end(JmsErrors.closed("connection")))
                .step(() -> link.transport().close())
                .step(reconnector::stop)
                .quietly(e -> LOG.debug("The transport was not closed in order", e));
    }

    private void goodBye(CloseTime time) {
        if (isUnusable()) return;
        try {
            link.transport().call(time.forBrokerMillis(), (id, out) -> {
                int mark = FrameType.CLOSE.begin(out);
                out.putInt(id);
                FrameType.end(out, mark);
            });
        } catch (JMSException e) {
            LOG.debug(
                    "The broker at {} has not answered the end of the connection",
                    link.transport().peer(),
                    e);
        }
    }

    // Identity and information.

    @Override
    public String getClientID() throws JMSException {
        checkOpen();
        return clientId;
    }

    /** Once, and before the connection is used: asking about it and setting its exception listener is no use of it. */
    @Override
    public void setClientID(String id) throws JMSException {
        checkOpen();
        if (clientId != null)
            throw JmsErrors.illegalState("the connection has the client id '" + clientId + "' already");
        if (used)
            throw JmsErrors.illegalState("the client id must be set before anything else is done with a connection");
        if (id == null || id.isEmpty()) {
            throw JmsErrors.refused(ErrorCode.INVALID_CLIENT_ID, "the client id is null or empty");
        }
        checkClientId(id);
        link.callOrThrow(options.requestTimeoutMillis(), (requestId, out) -> {
            int mark = FrameType.SET_CLIENT_ID.begin(out);
            out.putInt(requestId).putShortString(id);
            FrameType.end(out, mark);
        });
        clientId = id;
    }

    private static void checkClientId(String id) throws JMSException {
        try {
            Names.checkClientId(id);
        } catch (ProtocolException e) {
            throw JmsErrors.refused(e.code(), e.getMessage());
        }
    }

    /** Something was done with the connection: it is too late for a client id. */
    public void markUsed() {
        used = true;
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        checkOpen();
        return new LarchMetaData();
    }

    @Override
    public ExceptionListener getExceptionListener() throws JMSException {
        checkOpen();
        return exceptionListener;
    }

    @Override
    public void setExceptionListener(ExceptionListener listener) throws JMSException {
        checkOpen();
        exceptionListener = listener;
    }

    // Destinations.

    /** For who knows that the connection is usable, or restores it. */
    BrokerDestinations knownDestinations() {
        return destinations;
    }

    BrokerDestinations destinations() throws JMSException {
        checkUsable();
        return destinations;
    }

    /** The broker's number for a destination, asked for once. */
    int handle(LarchDestination destination) throws JMSException {
        return destinations.handle(destination);
    }

    @Override
    public void deleteTemporary(LarchDestination destination) throws JMSException {
        checkUsable();
        for (ConsumerInbox consumer : consumers.values()) {
            if (consumer.destination().equals(destination)) {
                throw JmsErrors.refused(
                        ErrorCode.DESTINATION_IN_USE, destination + " still has consumers; close them first");
            }
        }
        destinations.deleteTemporary(destination);
    }

    // Numbers, and what the reading thread reports.

    int nextConsumerId() {
        return consumerIds.incrementAndGet();
    }

    long nextTransactionId() {
        return transactionIds.incrementAndGet();
    }

    void register(ConsumerInbox consumer) {
        consumers.put(consumer.id(), consumer);
    }

    void unregister(ConsumerInbox consumer) {
        consumers.remove(consumer.id());
    }

    private void browsed(DeliveryBatch batch) {
        BrowserInbox browser = browsers.get(batch.consumerId());
        if (browser != null) browser.add(batch);
    }

    void register(BrowserInbox browser) {
        browsers.put(browser.id(), browser);
    }

    void unregister(BrowserInbox browser) {
        browsers.remove(browser.id());
    }

    /** What happens on one transport connection; one that has been replaced is not listened to. */
    private final class Events implements TransportEvents {
        private volatile Transport transport;

        @Override
        public void delivered(DeliveryBatch batch) {
            ConsumerInbox consumer = consumers.get(batch.consumerId());
            if (consumer != null) consumer.session().delivered(consumer, batch, transport);
            else browsed(batch);
        }

        @Override
        public void recalled(int consumerId) {
            ConsumerInbox consumer = consumers.get(consumerId);
            if (consumer != null && consumer.session().isAttachedTo(transport))
                transport.outbound().appendUrgent(consumer.session().recalled(consumer));
        }

        @Override
        public void lost(JMSException why) {
            LarchConnection.this.lost(transport, why);
        }
    }

    /** The broker does not make a consumer again after the connection was lost. */
    void consumerEnded(ConsumerInbox consumer, ErrorCode code, String text) {
        unregister(consumer);
        JMSException why =
                JmsErrors.refused(code, "the broker ended a consumer of " + consumer.destination() + ": " + text);
        consumer.session().consumerFailed(consumer, why);
        if (consumer.listener() != null) tellExceptionListener(why);
    }

    void tellExceptionListener(JMSException why) {
        ExceptionListener listener = exceptionListener;
        if (listener == null) {
            LOG.warn("No ExceptionListener is told: {}", why.getMessage());
            return;
        }
        exceptionReports.tell(listener, why, "larchmq-" + link.transport().peer() + "-exceptions");
    }

    // For application servers.

    private ConnectionConsumer connectionConsumer(
            ServerSessionPool pool, int maxMessages, LarchConnectionConsumer.Opening opening) throws JMSException {
        checkUsable();
        return LarchConnectionConsumer.open(this, pool, maxMessages, opening);
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        return connectionConsumer(
                pool, maxMessages, session -> (LarchConsumer) session.createConsumer(destination, selector));
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Queue queue, String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        return createConnectionConsumer((Destination) queue, selector, pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Topic topic, String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        return createConnectionConsumer((Destination) topic, selector, pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        checkMaySubscribe("createSharedConnectionConsumer");
        return connectionConsumer(
                pool, maxMessages, session -> (LarchConsumer) session.createSharedConsumer(topic, name, selector));
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        checkMaySubscribe("createDurableConnectionConsumer");
        return connectionConsumer(pool, maxMessages, session ->
                (LarchConsumer) session.createDurableConsumer(topic, name, selector, false));
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        checkMaySubscribe("createSharedDurableConnectionConsumer");
        return connectionConsumer(pool, maxMessages, session ->
                (LarchConsumer) session.createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public String toString() {
        return "LarchConnection[" + uri + (closed ? ", closed" : "") + "]";
    }
}
