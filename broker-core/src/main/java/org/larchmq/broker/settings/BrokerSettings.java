package org.larchmq.broker.settings;

import java.nio.file.Path;
import java.util.Objects;
import org.larchmq.message.Compression;

/**
 * Everything a broker can be told, checked when it is made. Units are in the names. {@link #defaults} gives what the
 * documentation calls the default of each.
 *
 * @param dataDirectory where the log, the queues and the catalog live; created when missing
 */
public record BrokerSettings(
        Path dataDirectory,
        Network network,
        Store store,
        Limits limits,
        Redelivery redelivery,
        boolean createDestinationsOnFirstUse,
        Authenticator authenticator) {

    public BrokerSettings {
        Objects.requireNonNull(dataDirectory, "dataDirectory");
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(store, "store");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(redelivery, "redelivery");
        Objects.requireNonNull(authenticator, "authenticator");
    }

    public static BrokerSettings defaults(Path dataDirectory) {
        return new BrokerSettings(
                dataDirectory,
                Network.DEFAULT,
                Store.DEFAULT,
                Limits.DEFAULT,
                Redelivery.DEFAULT,
                true,
                Authenticator.anonymousOnly());
    }

    public BrokerSettings with(Network changed) {
        return new BrokerSettings(
                dataDirectory, changed, store, limits, redelivery, createDestinationsOnFirstUse, authenticator);
    }

    public BrokerSettings with(Store changed) {
        return new BrokerSettings(
                dataDirectory, network, changed, limits, redelivery, createDestinationsOnFirstUse, authenticator);
    }

    public BrokerSettings with(Limits changed) {
        return new BrokerSettings(
                dataDirectory, network, store, changed, redelivery, createDestinationsOnFirstUse, authenticator);
    }

    public BrokerSettings with(Redelivery changed) {
        return new BrokerSettings(
                dataDirectory, network, store, limits, changed, createDestinationsOnFirstUse, authenticator);
    }

    public BrokerSettings with(Authenticator changed) {
        return new BrokerSettings(
                dataDirectory, network, store, limits, redelivery, createDestinationsOnFirstUse, changed);
    }

    public BrokerSettings withCreateDestinationsOnFirstUse(boolean create) {
        return new BrokerSettings(dataDirectory, network, store, limits, redelivery, create, authenticator);
    }

    /**
     * @param host                   address to listen on; anything but a loopback address needs TLS, which is not there
     *                               yet, so that it is refused
     * @param port                   0 for any free one
     * @param ioThreads              event loops; the first of them also runs the shard
     * @param maxConnections         the next one gets an error
     * @param handshakeTimeoutMillis a connection that has not logged in by then is closed
     * @param heartbeatMillis        silence after which a peer is asked, and after three of which it is given up
     * @param sendWindowBytes        unconfirmed bytes of messages one connection may have under way
     * @param compression            how clients may compress the bodies of what they send, a set of {@link Compression}
     */
    public record Network(
            String host,
            int port,
            int ioThreads,
            int maxConnections,
            int handshakeTimeoutMillis,
            int heartbeatMillis,
            int sendWindowBytes,
            int compression) {
        public static final Network DEFAULT =
                new Network("127.0.0.1", 5680, 1, 10_000, 10_000, 30_000, 8 << 20, Compression.ALL);

        public Network {
            Objects.requireNonNull(host, "host");
            inRange("network.port", port, 0, 65_535);
            inRange("network.ioThreads", ioThreads, 1, 256);
            inRange("network.maxConnections", maxConnections, 1, 1_000_000);
            inRange("network.handshakeTimeout", handshakeTimeoutMillis, 100, 600_000);
            inRange("network.heartbeat", heartbeatMillis, 0, 3_600_000);
            inRange("network.sendWindow", sendWindowBytes, 64 << 10, 1 << 30);
            inRange("network.compression", compression, Compression.NONE, Compression.ALL);
        }

        public Network withPort(int changed) {
            return new Network(
                    host,
                    changed,
                    ioThreads,
                    maxConnections,
                    handshakeTimeoutMillis,
                    heartbeatMillis,
                    sendWindowBytes,
                    compression);
        }

        public Network withCompression(int changed) {
            return new Network(
                    host,
                    port,
                    ioThreads,
                    maxConnections,
                    handshakeTimeoutMillis,
                    heartbeatMillis,
                    sendWindowBytes,
                    changed);
        }
    }

    /** When a persistent message is confirmed. */
    public enum Flush {
        /** After fdatasync: survives the loss of power. */
        SYNC,
        /** From the operating system's page cache: survives the death of the process. */
        ASYNC
    }

    /**
     * @param flush                    what a confirmation means
     * @param flushIntervalMillis      longest time until written bytes are flushed with {@link Flush#ASYNC}
     * @param segmentSizeBytes         of a commit log file; 0 chooses by the size of the file system
     * @param tailMemoryBytes          newest part of the log kept in (direct) memory
     * @param reservedBytes            free disk space below which messages are refused; 0 chooses by the segment size
     * @param checkpointIntervalMillis between checkpoints, when there is something new
     * @param checkpointLogBytes       log written since the last checkpoint that asks for one at once
     * @param scrubRateBytes           per second: rate at which the store is read for damage after a start; 0 for never
     */
    public record Store(
            Flush flush,
            int flushIntervalMillis,
            long segmentSizeBytes,
            int tailMemoryBytes,
            long reservedBytes,
            int checkpointIntervalMillis,
            long checkpointLogBytes,
            long scrubRateBytes) {
        public static final Store DEFAULT = new Store(Flush.SYNC, 100, 0, 32 << 20, 0, 10_000, 128L << 20, 128L << 20);

        public Store {
            Objects.requireNonNull(flush, "flush");
            inRange("store.flushInterval", flushIntervalMillis, 1, 60_000);
            if (segmentSizeBytes != 0) inRange("store.segmentSize", segmentSizeBytes, 1 << 20, 1L << 30);
            inRange("store.tailMemory", tailMemoryBytes, 1 << 20, 1 << 30);
            inRange("store.reserved", reservedBytes, 0, 1L << 50);
            inRange("store.checkpointInterval", checkpointIntervalMillis, 10, 3_600_000);
            inRange("store.checkpointLog", checkpointLogBytes, 1 << 20, 1L << 40);
            if (scrubRateBytes != 0) inRange("store.scrubRate", scrubRateBytes, 1 << 20, 1L << 40);
        }

        public Store with(Flush changed) {
            return new Store(
                    changed,
                    flushIntervalMillis,
                    segmentSizeBytes,
                    tailMemoryBytes,
                    reservedBytes,
                    checkpointIntervalMillis,
                    checkpointLogBytes,
                    scrubRateBytes);
        }
    }

    /**
     * @param maxMessageBytes           encoded size of one message, headers and properties included; large ones go in parts
     * @param maxTransactionBytes       of all messages of one transaction
     * @param maxTransactionMessages    sends and acknowledgements of one transaction
     * @param memoryBudgetBytes         non-persistent messages kept in memory; beyond it they go through the log
     * @param maxDestinations           queues and topics together
     * @param maxConsumersPerConnection consumers one connection may have open
     * @param maxUnsettledPerConsumer   messages one consumer may hold without settling them; then it gets no more
     */
    public record Limits(
            int maxMessageBytes,
            long maxTransactionBytes,
            int maxTransactionMessages,
            long memoryBudgetBytes,
            int maxDestinations,
            int maxConsumersPerConnection,
            int maxUnsettledPerConsumer) {
        public static final Limits DEFAULT = new Limits(
                100 << 20,
                256L << 20,
                100_000,
                Math.max(16L << 20, Runtime.getRuntime().maxMemory() / 4),
                100_000,
                10_000,
                100_000);

        public Limits {
            inRange("limits.maxMessage", maxMessageBytes, 1024, 256 << 20);
            inRange("limits.maxTransaction", maxTransactionBytes, 1024, 1L << 40);
            inRange("limits.maxTransactionMessages", maxTransactionMessages, 1, 10_000_000);
            inRange("limits.memoryBudget", memoryBudgetBytes, 1 << 20, 1L << 40);
            inRange("limits.maxDestinations", maxDestinations, 1, 10_000_000);
            inRange("limits.maxConsumersPerConnection", maxConsumersPerConnection, 1, 1_000_000);
            inRange("limits.maxUnsettledPerConsumer", maxUnsettledPerConsumer, 1, 10_000_000);
        }

        public Limits withMemoryBudget(long changedBytes) {
            return new Limits(
                    maxMessageBytes,
                    maxTransactionBytes,
                    maxTransactionMessages,
                    changedBytes,
                    maxDestinations,
                    maxConsumersPerConnection,
                    maxUnsettledPerConsumer);
        }
    }

    /**
     * @param maxDeliveries   attempts after which a message goes to the dead-letter queue
     * @param deadLetterQueue its name
     * @param delayMillis     before the first redelivery
     * @param delayMultiplier factor from one redelivery to the next
     * @param maxDelayMillis  longest delay
     */
    public record Redelivery(
            int maxDeliveries, String deadLetterQueue, long delayMillis, double delayMultiplier, long maxDelayMillis) {
        public static final Redelivery DEFAULT = new Redelivery(10, "DLQ", 0, 2.0, 60_000);

        public Redelivery {
            inRange("redelivery.maxDeliveries", maxDeliveries, 1, 65_535);
            Objects.requireNonNull(deadLetterQueue, "deadLetterQueue");
            inRange("redelivery.delay", delayMillis, 0, 86_400_000);
            inRange("redelivery.maxDelay", maxDelayMillis, 0, 86_400_000);
            if (!(delayMultiplier >= 1 && delayMultiplier <= 100)) {
                throw new IllegalArgumentException(
                        "redelivery.delayMultiplier must be from 1 to 100, is " + delayMultiplier);
            }
        }
    }

    private static void inRange(String name, long value, long lowest, long highest) {
        if (value < lowest || value > highest) {
            throw new IllegalArgumentException(name + " must be from " + lowest + " to " + highest + ", is " + value);
        }
    }
}
