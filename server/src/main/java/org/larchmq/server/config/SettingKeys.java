package org.larchmq.server.config;

import static org.larchmq.server.config.SettingType.COMPRESSIONS;
import static org.larchmq.server.config.SettingType.DECIMAL;
import static org.larchmq.server.config.SettingType.DURATION;
import static org.larchmq.server.config.SettingType.FLUSH;
import static org.larchmq.server.config.SettingType.SIZE;
import static org.larchmq.server.config.SettingType.SWITCH;
import static org.larchmq.server.config.SettingType.TEXT;
import static org.larchmq.server.config.SettingType.WHOLE_NUMBER;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.larchmq.broker.settings.BrokerSettings.Limits;
import org.larchmq.broker.settings.BrokerSettings.Network;
import org.larchmq.broker.settings.BrokerSettings.Redelivery;
import org.larchmq.broker.settings.BrokerSettings.Store;

/**
 * The table of all settings, in the order in which they are documented. The commented {@code larchmq.yaml},
 * {@code docs/configuration.md} and the output of {@code larchmq config} come from it; defaults come from broker-core.
 */
public final class SettingKeys {
    private static final List<SettingKey> TABLE = new ArrayList<>();

    static final SettingKey HOST = key(
            "network.host",
            TEXT,
            Network.DEFAULT.host(),
            "Address to listen on. Only loopback addresses are accepted until TLS is there.");
    static final SettingKey PORT =
            key("network.port", WHOLE_NUMBER, Network.DEFAULT.port(), "TCP port to listen on; 0 takes any free one.");
    static final SettingKey IO_THREADS = key(
            "network.ioThreads",
            WHOLE_NUMBER,
            Network.DEFAULT.ioThreads(),
            "Event loops that serve connections; the first of them also runs the shard.");
    static final SettingKey MAX_CONNECTIONS = key(
            "network.maxConnections",
            WHOLE_NUMBER,
            Network.DEFAULT.maxConnections(),
            "Connections at the same time; the next one is refused with an error.");
    static final SettingKey HANDSHAKE_TIMEOUT = key(
            "network.handshakeTimeout",
            DURATION,
            Network.DEFAULT.handshakeTimeoutMillis(),
            "A connection that has not logged in by then is closed.");
    static final SettingKey HEARTBEAT = key(
            "network.heartbeat",
            DURATION,
            Network.DEFAULT.heartbeatMillis(),
            "Silence after which a client is asked whether it is there, and after three of which it is given up;"
                    + " 0 never asks.");
    static final SettingKey SEND_WINDOW = key(
            "network.sendWindow",
            SIZE,
            Network.DEFAULT.sendWindowBytes(),
            "Unconfirmed bytes of messages one connection may have under way.");
    static final SettingKey COMPRESSION = key(
            "network.compression",
            COMPRESSIONS,
            Network.DEFAULT.compression(),
            "How clients that ask for it may compress the bodies of messages they send; none: they send them as they are."
                    + " Whoever receives such messages needs the library.");

    static final SettingKey STORE_FLUSH = key(
            "store.flush",
            FLUSH,
            Store.DEFAULT.flush(),
            "When a persistent message is confirmed: sync after fdatasync, so that it survives a loss of power; async"
                    + " from the page cache, so that it survives the death of the process only.");
    static final SettingKey FLUSH_INTERVAL = key(
            "store.flushInterval",
            DURATION,
            Store.DEFAULT.flushIntervalMillis(),
            "With store.flush async: longest time until what was written is flushed.");
    static final SettingKey SEGMENT_SIZE = auto(
            "store.segmentSize",
            SIZE,
            "chooses by the size of the file system",
            "Size of one commit log file. It is written in full before it is used, so that a full disk shows early.");
    static final SettingKey TAIL_MEMORY = key(
            "store.tailMemory",
            SIZE,
            Store.DEFAULT.tailMemoryBytes(),
            "Newest part of the log kept in direct memory (outside the Java heap), for consumers that keep up.");
    static final SettingKey RESERVED = auto(
            "store.reserved",
            SIZE,
            "chooses by the segment size",
            "Free disk space below which messages are refused; consumers go on, and sending resumes by itself.");
    static final SettingKey CHECKPOINT_INTERVAL = key(
            "store.checkpointInterval",
            DURATION,
            Store.DEFAULT.checkpointIntervalMillis(),
            "Time between checkpoints, when there is something new. Shorter ones make a restart faster.");
    static final SettingKey CHECKPOINT_LOG = key(
            "store.checkpointLog",
            SIZE,
            Store.DEFAULT.checkpointLogBytes(),
            "Log written since the last checkpoint that asks for one at once.");
    static final SettingKey SCRUB_RATE = key(
            "store.scrubRate",
            SIZE,
            Store.DEFAULT.scrubRateBytes(),
            "Bytes per second at which, after a start, the whole store is read in the background and checked for damage;"
                    + " a disk that is busy or slow is read more slowly. 0 never reads it.");

    static final SettingKey MAX_MESSAGE = key(
            "limits.maxMessage",
            SIZE,
            Limits.DEFAULT.maxMessageBytes(),
            "Encoded size of one message, headers and properties included. Large bodies go in parts and are never in"
                    + " memory as a whole.");
    static final SettingKey MAX_TRANSACTION = key(
            "limits.maxTransaction",
            SIZE,
            Limits.DEFAULT.maxTransactionBytes(),
            "Encoded size of all messages of one transaction. All transactions that are not decided may together have"
                    + " ten times as much, those of one user five times, those of one connection twice.");
    static final SettingKey MAX_TRANSACTION_MESSAGES = key(
            "limits.maxTransactionMessages",
            WHOLE_NUMBER,
            Limits.DEFAULT.maxTransactionMessages(),
            "Sends and acknowledgements of one transaction together. All transactions that are not decided may together"
                    + " have sent ten times as many messages, those of one user five times, those of one connection"
                    + " twice.");
    static final SettingKey MEMORY_BUDGET = auto(
            "limits.memoryBudget",
            SIZE,
            "takes a quarter of the Java heap, at least 16MiB",
            "Non-persistent messages kept in memory, a quarter of it for one priority of a queue or topic; beyond it"
                    + " they go through the log.");
    static final SettingKey MAX_DESTINATIONS = key(
            "limits.maxDestinations", WHOLE_NUMBER, Limits.DEFAULT.maxDestinations(), "Queues and topics together.");
    static final SettingKey MAX_CONSUMERS = key(
            "limits.maxConsumersPerConnection",
            WHOLE_NUMBER,
            Limits.DEFAULT.maxConsumersPerConnection(),
            "Consumers one connection may have open.");
    static final SettingKey MAX_UNSETTLED = key(
            "limits.maxUnsettledPerConsumer",
            WHOLE_NUMBER,
            Limits.DEFAULT.maxUnsettledPerConsumer(),
            "Messages one consumer may hold without acknowledging them; then it gets no more.");

    static final SettingKey MAX_DELIVERIES = key(
            "redelivery.maxDeliveries",
            WHOLE_NUMBER,
            Redelivery.DEFAULT.maxDeliveries(),
            "Attempts to deliver a message, after which it goes to the dead-letter queue.");
    static final SettingKey DEAD_LETTER_QUEUE = key(
            "redelivery.deadLetterQueue", TEXT, Redelivery.DEFAULT.deadLetterQueue(), "Name of the dead-letter queue.");
    static final SettingKey REDELIVERY_DELAY =
            key("redelivery.delay", DURATION, Redelivery.DEFAULT.delayMillis(), "Delay before the first redelivery.");
    static final SettingKey DELAY_MULTIPLIER = key(
            "redelivery.delayMultiplier",
            DECIMAL,
            Redelivery.DEFAULT.delayMultiplier(),
            "Factor by which the delay grows from one redelivery to the next.");
    static final SettingKey MAX_DELAY =
            key("redelivery.maxDelay", DURATION, Redelivery.DEFAULT.maxDelayMillis(), "Longest delay of a redelivery.");

    static final SettingKey CREATE_ON_FIRST_USE = key(
            "destinations.createOnFirstUse",
            SWITCH,
            true,
            "Whether a queue or topic that a client names for the first time is created; otherwise the client gets an"
                    + " InvalidDestinationException.");

    static final SettingKey ANONYMOUS = key(
            "security.anonymous",
            SWITCH,
            true,
            "Whether clients that give no user name are let in. Clients that give one always need its password.");
    static final SettingKey USERS_FILE = auto(
            "security.usersFile",
            TEXT,
            "takes users.yaml in the data directory",
            "File of users and password hashes, kept with `larchmq user`; a relative name is one in the data"
                    + " directory. A change takes effect for new connections within a second.");

    private static final List<SettingKey> ALL = Collections.unmodifiableList(TABLE);

    private SettingKeys() {}

    /** Every setting, in the order of the documentation. */
    public static List<SettingKey> all() {
        return ALL;
    }

    public static Optional<SettingKey> find(String name) {
        return ALL.stream().filter(key -> key.name().equals(name)).findFirst();
    }

    /** The setting an operator most likely meant. A name without a section is compared with the short names too. */
    public static SettingKey nearest(String name) {
        return ALL.stream()
                .min(Comparator.comparingInt(key -> distance(name, key)))
                .orElseThrow();
    }

    /** A message for a name that is not in the table. */
    static ConfigException unknown(String name, Origin origin) {
        return new ConfigException("%s: unknown setting '%s'; did you mean '%s'? `larchmq config` lists all of them"
                .formatted(origin, name, nearest(name).name()));
    }

    private static int distance(String name, SettingKey key) {
        int whole = EditDistance.of(name, key.name());
        if (name.contains(".")) return whole;
        return Math.min(whole, EditDistance.of(name, key.shortName()));
    }

    private static SettingKey key(String name, SettingType type, Object defaultValue, String meaning) {
        return add(new SettingKey(name, type, "", type.format(defaultValue), meaning));
    }

    private static SettingKey auto(String name, SettingType type, String automatic, String meaning) {
        return add(new SettingKey(name, type, automatic, SettingKey.AUTO, meaning));
    }

    private static SettingKey add(SettingKey key) {
        TABLE.add(key);
        return key;
    }
}
