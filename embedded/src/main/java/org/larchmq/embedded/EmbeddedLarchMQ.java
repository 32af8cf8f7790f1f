package org.larchmq.embedded;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.larchmq.broker.Broker;
import org.larchmq.broker.BrokerStartException;
import org.larchmq.broker.settings.Authenticator;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.jms.LarchConnectionFactory;

/**
 * A broker in this process: the same code as the server, reached over TCP as the server is. In memory, so that nothing
 * is left behind, or in a directory, so that messages outlive it.
 *
 * <pre>{@code
 * try (EmbeddedLarchMQ broker = EmbeddedLarchMQ.inMemory();
 *         JMSContext context = broker.connectionFactory().createContext()) {
 *     context.createProducer().send(context.createQueue("orders"), "hello");
 * }
 * }</pre>
 *
 * Safe to use from any thread.
 */
public final class EmbeddedLarchMQ implements AutoCloseable {
    private final Broker broker;

    private EmbeddedLarchMQ(Broker broker) {
        this.broker = broker;
    }

    /** Started on a free port, with nothing in it. @throws IllegalStateException when it could not start */
    public static EmbeddedLarchMQ inMemory() {
        return builder().start();
    }

    /**
     * Started on a free port, with what an earlier broker left in the directory.
     *
     * @throws IllegalStateException when it could not start
     */
    public static EmbeddedLarchMQ inDirectory(Path directory) {
        return builder().directory(directory).start();
    }

    /** In memory and on a free port, unless told otherwise. */
    public static Builder builder() {
        return new Builder();
    }

    /** For new connections to this broker. */
    public LarchConnectionFactory connectionFactory() {
        return new LarchConnectionFactory(uri());
    }

    /** What a connection factory needs: {@code tcp://127.0.0.1:PORT}. */
    public String uri() {
        return "tcp://127.0.0.1:" + port();
    }

    public int port() {
        return broker.port();
    }

    /** Stops in order. A second call does nothing. */
    @Override
    public void close() {
        broker.close();
    }

    /** What a broker is to be like. Not thread-safe; may be started from more than once. */
    public static final class Builder {
        private static final long LARGEST_DEFAULT_CAPACITY_BYTES = 512L << 20;

        private final Map<String, String> users = new HashMap<>();
        private UnaryOperator<BrokerSettings> settings = UnaryOperator.identity();
        private Path directory;
        private int port;
        private long capacityBytes =
                Math.min(LARGEST_DEFAULT_CAPACITY_BYTES, Runtime.getRuntime().maxMemory() / 2);

        private Builder() {}

        /** Keeps its data in a directory, which is created when missing; in memory otherwise. */
        public Builder directory(Path dataDirectory) {
            this.directory = Objects.requireNonNull(dataDirectory, "dataDirectory");
            return this;
        }

        /** From 0 to 65535; 0, the default, is any free port. */
        public Builder port(int number) {
            if (number < 0 || number > 65_535) {
                throw new IllegalArgumentException("port must be from 0 to 65535: " + number);
            }
            this.port = number;
            return this;
        }

        /**
         * Heap in bytes that persistent messages may take in memory, at least 16 MiB; beyond it a send is refused with
         * a ResourceAllocationException. The default is half of the heap, at most 512 MiB. A message may have at most
         * a sixteenth of it.
         */
        public Builder capacity(long bytes) {
            if (bytes < 16 << 20) throw new IllegalArgumentException("capacity must be at least 16 MiB: " + bytes);
            this.capacityBytes = bytes;
            return this;
        }

        /** Adds a user. Clients that give no user are let in all the same, other users and passwords are refused. */
        public Builder user(String name, String password) {
            if (name.isEmpty()) throw new IllegalArgumentException("name must not be empty");
            users.put(name, Objects.requireNonNull(password, "password"));
            return this;
        }

        /** Changes any other setting; called with what the broker would start with. */
        public Builder settings(UnaryOperator<BrokerSettings> change) {
            UnaryOperator<BrokerSettings> before = settings;
            this.settings = current -> change.apply(before.apply(current));
            return this;
        }

        /** @throws IllegalStateException when it could not start, saying why */
        public EmbeddedLarchMQ start() {
            try {
                if (directory != null) return new EmbeddedLarchMQ(Broker.start(settingsFor(directory)));
                BrokerSettings inMemory = settingsFor(Path.of("in-memory"));
                return new EmbeddedLarchMQ(Broker.startInMemory(inMemory, capacityBytes));
            } catch (BrokerStartException e) {
                throw new IllegalStateException("the embedded broker could not start: " + e.getMessage(), e);
            }
        }

        private BrokerSettings settingsFor(Path dataDirectory) {
            BrokerSettings defaults = BrokerSettings.defaults(dataDirectory);
            BrokerSettings own = defaults.with(defaults.network().withPort(port));
            if (!users.isEmpty()) own = own.with(authenticator(Map.copyOf(users)));
            if (directory == null) own = own.with(storeInMemory(own.store()));
            return settings.apply(own);
        }

        private static Authenticator authenticator(Map<String, String> users) {
            return (user, password) ->
                    CompletableFuture.completedFuture(user.isEmpty() || password.equals(users.get(user)));
        }

        /** Small parts, so that space which is settled is free again soon. */
        private BrokerSettings.Store storeInMemory(BrokerSettings.Store store) {
            long segmentSizeBytes = Math.min(64L << 20, Long.highestOneBit(capacityBytes / 4));
            return new BrokerSettings.Store(
                    store.flush(),
                    store.flushIntervalMillis(),
                    segmentSizeBytes,
                    4 << 20,
                    capacityBytes / 8,
                    store.checkpointIntervalMillis(),
                    Math.max(1 << 20, segmentSizeBytes / 4),
                    0);
        }
    }
}
