package org.larchmq.jms;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import org.larchmq.jms.context.LarchJmsContext;
import org.larchmq.jms.error.Unchecked;
import org.larchmq.jms.options.ClientOptions;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.jms.options.Option;
import org.larchmq.jms.session.LarchConnection;
import org.larchmq.message.Compression;
import org.larchmq.wire.Protocol;

/**
 * Makes connections to a LarchMQ broker: {@code new LarchConnectionFactory("tcp://localhost:5680?prefetch=500")}. Every
 * option of {@link Option} can stand in the URI or be set as a bean property; what is set last counts, for connections
 * made afterwards.
 *
 * <p>Can be stored in a directory by value (it is serializable) or as a reference; either way with its password. Safe from
 * any thread.
 */
public class LarchConnectionFactory
        implements ConnectionFactory, QueueConnectionFactory, TopicConnectionFactory, Referenceable, Serializable {
    private static final long serialVersionUID = 1;

    private static final String LOCAL = "tcp://localhost:" + Protocol.DEFAULT_PORT;

    /** Not serialized as it is: {@link #writeReplace} puts its text in its place. */
    private transient volatile LarchUri uri;

    /** For the broker on this machine and its default port. */
    public LarchConnectionFactory() {
        this(LOCAL);
    }

    /** @throws IllegalArgumentException saying what is wrong with the URI and where */
    public LarchConnectionFactory(String uri) {
        this(LarchUri.parse(Releases.checked(uri)));
    }

    public LarchConnectionFactory(LarchUri uri) {
        if (uri == null) throw new IllegalArgumentException("the broker URI is null");
        this.uri = uri;
    }

    private LarchConnection connect() throws JMSException {
        return LarchConnection.open(uri);
    }

    private LarchConnection connect(String user, String password) throws JMSException {
        return LarchConnection.open(uriFor(user, password));
    }

    LarchUri uri() {
        return uri;
    }

    LarchUri uriFor(String user, String password) {
        ClientOptions options = uri.options()
                .with(Option.USER, user == null ? "" : user)
                .with(Option.PASSWORD, password == null ? "" : password);
        return uri.withOptions(options);
    }

    @Override
    public Connection createConnection() throws JMSException {
        return connect();
    }

    @Override
    public Connection createConnection(String user, String password) throws JMSException {
        return connect(user, password);
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return connect().forQueues();
    }

    @Override
    public QueueConnection createQueueConnection(String user, String password) throws JMSException {
        return connect(user, password).forQueues();
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return connect();
    }

    @Override
    public TopicConnection createTopicConnection(String user, String password) throws JMSException {
        return connect(user, password);
    }

    @Override
    public JMSContext createContext() {
        return createContext(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return LarchJmsContext.open(Unchecked.get(this::connect), sessionMode);
    }

    @Override
    public JMSContext createContext(String user, String password) {
        return createContext(user, password, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(String user, String password, int sessionMode) {
        return LarchJmsContext.open(Unchecked.get(() -> connect(user, password)), sessionMode);
    }

    // Bean properties.

    /** The URI without the password; {@link #setUri} takes it again. */
    public String getUri() {
        return uri.text(false);
    }

    /**
     * Replaces everything that was set before.
     *
     * @throws IllegalArgumentException saying what is wrong with the URI and where
     */
    public synchronized void setUri(String text) {
        uri = LarchUri.parse(text);
    }

    private ClientOptions options() {
        return uri.options();
    }

    synchronized void set(Option option, String text) {
        uri = uri.withOptions(options().with(option, text));
    }

    public String getUser() {
        return options().user();
    }

    public void setUser(String user) {
        set(Option.USER, user);
    }

    /** There is no way to read it back. */
    public void setPassword(String password) {
        set(Option.PASSWORD, password);
    }

    public String getClientId() {
        return options().clientId();
    }

    public void setClientId(String clientId) {
        set(Option.CLIENT_ID, clientId);
    }

    public int getPrefetch() {
        return options().prefetch();
    }

    public void setPrefetch(int messages) {
        set(Option.PREFETCH, Integer.toString(messages));
    }

    public int getPrefetchBytes() {
        return options().prefetchBytes();
    }

    public void setPrefetchBytes(int bytes) {
        set(Option.PREFETCH_BYTES, Integer.toString(bytes));
    }

    public int getAutoAckWindow() {
        return options().autoAckWindow();
    }

    public void setAutoAckWindow(int messages) {
        set(Option.AUTO_ACK_WINDOW, Integer.toString(messages));
    }

    public int getConnectTimeout() {
        return options().connectTimeoutMillis();
    }

    public void setConnectTimeout(int millis) {
        set(Option.CONNECT_TIMEOUT, Integer.toString(millis));
    }

    public int getRequestTimeout() {
        return options().requestTimeoutMillis();
    }

    public void setRequestTimeout(int millis) {
        set(Option.REQUEST_TIMEOUT, Integer.toString(millis));
    }

    public int getSendTimeout() {
        return options().sendTimeoutMillis();
    }

    public void setSendTimeout(int millis) {
        set(Option.SEND_TIMEOUT, Integer.toString(millis));
    }

    public int getCloseTimeout() {
        return options().closeTimeoutMillis();
    }

    public void setCloseTimeout(int millis) {
        set(Option.CLOSE_TIMEOUT, Integer.toString(millis));
    }

    public int getHeartbeat() {
        return options().heartbeatMillis();
    }

    public void setHeartbeat(int millis) {
        set(Option.HEARTBEAT, Integer.toString(millis));
    }

    public boolean isDiscardExpired() {
        return options().discardExpired();
    }

    public void setDiscardExpired(boolean byThisClock) {
        set(Option.DISCARD_EXPIRED, Boolean.toString(byThisClock));
    }

    public boolean isSendNonPersistentAsync() {
        return options().sendNonPersistentAsync();
    }

    public void setSendNonPersistentAsync(boolean async) {
        set(Option.SEND_NON_PERSISTENT_ASYNC, Boolean.toString(async));
    }

    public String getCompression() {
        Compression compression = options().compression();
        return compression == null ? Option.COMPRESSION.defaultText() : compression.text();
    }

    /** @param algorithm none, lz4 or zstd */
    public void setCompression(String algorithm) {
        set(Option.COMPRESSION, algorithm);
    }

    public int getCompressionMinSize() {
        return options().compressionMinBytes();
    }

    public void setCompressionMinSize(int bytes) {
        set(Option.COMPRESSION_MIN_SIZE, Integer.toString(bytes));
    }

    public int getInitialReconnectDelay() {
        return options().initialReconnectDelayMillis();
    }

    public void setInitialReconnectDelay(int millis) {
        set(Option.INITIAL_RECONNECT_DELAY, Integer.toString(millis));
    }

    public int getMaxReconnectDelay() {
        return options().maxReconnectDelayMillis();
    }

    public void setMaxReconnectDelay(int millis) {
        set(Option.MAX_RECONNECT_DELAY, Integer.toString(millis));
    }

    public double getBackOffMultiplier() {
        return options().configuredBackOffMultiplier();
    }

    public void setBackOffMultiplier(double factor) {
        set(Option.BACK_OFF_MULTIPLIER, Double.toString(factor));
    }

    public boolean isUseExponentialBackOff() {
        return options().useExponentialBackOff();
    }

    public void setUseExponentialBackOff(boolean grows) {
        set(Option.USE_EXPONENTIAL_BACK_OFF, Boolean.toString(grows));
    }

    public int getMaxReconnectAttempts() {
        return options().maxReconnectAttempts();
    }

    public void setMaxReconnectAttempts(int attempts) {
        set(Option.MAX_RECONNECT_ATTEMPTS, Integer.toString(attempts));
    }

    public int getStartupMaxReconnectAttempts() {
        return options().startupMaxReconnectAttempts();
    }

    public void setStartupMaxReconnectAttempts(int attempts) {
        set(Option.STARTUP_MAX_RECONNECT_ATTEMPTS, Integer.toString(attempts));
    }

    public int getTimeout() {
        return options().failoverTimeoutMillis();
    }

    public void setTimeout(int millis) {
        set(Option.FAILOVER_TIMEOUT, Integer.toString(millis));
    }

    public boolean isRandomize() {
        return options().randomize();
    }

    public void setRandomize(boolean random) {
        set(Option.RANDOMIZE, Boolean.toString(random));
    }

    public boolean isKeepAlive() {
        return options().keepAlive();
    }

    public void setKeepAlive(boolean keeps) {
        set(Option.KEEP_ALIVE, Boolean.toString(keeps));
    }

    public String getTrustedPackages() {
        return String.join(",", options().trustedPackages());
    }

    public void setTrustedPackages(String packages) {
        set(Option.TRUSTED_PACKAGES, packages);
    }

    // Stored in a directory.

    /** The URI is one address, the password another, so that tools which show references can hide it. */
    @Override
    public Reference getReference() {
        LarchUri now = uri;
        Reference reference = new Reference(getClass().getName(), LarchObjectFactory.class.getName(), null);
        reference.add(new StringRefAddr(LarchObjectFactory.URI, now.text(false)));
        String password = now.options().password();
        if (!password.isEmpty()) reference.add(new StringRefAddr(Option.PASSWORD.key(), password));
        return reference;
    }

    private Object writeReplace() {
        return new AsText(uri.text(true));
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a LarchConnectionFactory is serialized as its URI");
    }

    /** The serialized form. */
    private record AsText(String uri) implements Serializable {
        private Object readResolve() throws InvalidObjectException {
            try {
                return new LarchConnectionFactory(uri);
            } catch (IllegalArgumentException e) {
                InvalidObjectException invalid = new InvalidObjectException(e.getMessage());
                invalid.initCause(e);
                throw invalid;
            }
        }
    }

    @Override
    public String toString() {
        return "LarchConnectionFactory[" + uri + "]";
    }
}
