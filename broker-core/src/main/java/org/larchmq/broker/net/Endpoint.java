package org.larchmq.broker.net;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.larchmq.broker.settings.Authenticator;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.shard.Budget;
import org.larchmq.broker.shard.ClientRequests;
import org.larchmq.broker.shard.Shard;
import org.larchmq.store.io.StoreException;
import org.larchmq.wire.ClientIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens, and keeps the connections within their limits. Any thread, unless a method says otherwise. */
public final class Endpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);

    private final BrokerSettings.Network settings;
    private final Authenticator authenticator;
    private final EventLoop shardLoop;
    private final NextTurn nextTurn;
    private final LoopTasks tasks;
    private final Shard shard;
    private final ClientRequests requests;
    private final String brokerId;
    private final String version;
    private final UUID storeId;
    private final Refusals refusals = new Refusals();
    private final AtomicInteger open = new AtomicInteger();
    private final Set<ConnectionHandler> connections = ConcurrentHashMap.newKeySet();
    private final Set<String> clientIds = ConcurrentHashMap.newKeySet();
    private final Map<Reconnecting, ConnectionHandler> connectionIds = new ConcurrentHashMap<>();
    private final ConnectionMemory memory;
    private final Turns turns;
    private final int maxConnections;
    private final boolean limitedByOpenFiles;
    private final Listener listener;
    private volatile boolean saidThatFull;

    /**
     * Takes the connections that wait and all that come.
     *
     * @param memoryBytes memory outside of the heap for what waits until clients read it, and the same again for frames
     *                    that have arrived in part
     */
    public Endpoint(
            BrokerSettings.Network settings,
            Authenticator authenticator,
            Listener listener,
            EventLoop shardLoop,
            Shard shard,
            ClientRequests requests,
            String brokerId,
            String version,
            UUID storeId,
            long memoryBytes) {
        this.settings = settings;
        this.authenticator = authenticator;
        this.listener = listener;
        this.shardLoop = shardLoop;
        this.nextTurn = new NextTurn(shardLoop);
        this.tasks = new LoopTasks(shardLoop, this::taskFailed);
        this.shard = shard;
        this.requests = requests;
        this.brokerId = brokerId;
        this.version = version;
        this.storeId = storeId;
        this.memory = new ConnectionMemory(memoryBytes);
        this.turns = new Turns(System::nanoTime, this::afterOthersOnShard, this::atEndOfThisTurn);
        OpenFiles openFiles = OpenFiles.ofThisProcess();
        this.limitedByOpenFiles = openFiles.connections() < settings.maxConnections();
        this.maxConnections = Math.min(settings.maxConnections(), openFiles.connections());
        if (limitedByOpenFiles) {
            LOG.warn(
                    "network.maxConnections is {}, but the process may have {} files and connections open (ulimit -n):"
                            + " {} connections are taken, so that the store keeps what it needs. Raise the limit of"
                            + " open files or lower network.maxConnections",
                    settings.maxConnections(),
                    openFiles.most(),
                    maxConnections);
        }
        if (settings.heartbeatMillis() > 0) {
            long every = Math.max(100, settings.heartbeatMillis() / 2);
            tasks.executeEvery(this::closeSilent, every);
        }
        tasks.executeEvery(this::closeStuck, 1000);
        listener.accept(() -> new ConnectionHandler(this));
    }

    /** Which client reconnects: one of another user, or with another secret, is another. */
    private record Reconnecting(ClientIdentity client, long connectionId) {}

    public int port() {
        return listener.port();
    }

    /** Stops listening and closes every connection; returns when they are closed or after a bounded wait. */
    @Override
    public void close() {
        listener.close();
        for (ConnectionHandler connection : connections) connection.close();
    }

    private void closeSilent() {
        long now = System.nanoTime();
        long longest = TimeUnit.MILLISECONDS.toNanos(3L * settings.heartbeatMillis());
        for (ConnectionHandler connection : connections) connection.run(() -> connection.closeIfSilent(now, longest));
    }

    private void closeStuck() {
        long now = System.nanoTime();
        boolean logIsShort = shard.log().spacePressure() > 0;
        for (ConnectionHandler connection : connections) connection.run(() -> connection.closeIfStuck(now, logIsShort));
    }

    /** Counts a connection in; false when there are too many. */
    boolean opened(ConnectionHandler connection) {
        if (open.incrementAndGet() > maxConnections) {
            open.decrementAndGet();
            if (!saidThatFull) LOG.warn("A connection is refused: {}", connectionLimitText());
            saidThatFull = true;
            return false;
        }
        connections.add(connection);
        return true;
    }

    void closed(ConnectionHandler connection, long connectionId) {
        int left = open.decrementAndGet();
        if (saidThatFull && left < maxConnections - maxConnections / 10) {
            saidThatFull = false;
            LOG.warn("Connections are taken again: there are {}, at most {} are taken", left, maxConnections);
        }
        connections.remove(connection);
        if (connectionId != 0) connectionIds.remove(new Reconnecting(connection.identity(), connectionId), connection);
    }

    void freeClientId(String clientId) {
        if (!clientId.isEmpty()) clientIds.remove(clientId);
    }

    /** Returns the connection that the same client, of the same user, had before; null when there is none. */
    ConnectionHandler takeConnectionId(long connectionId, ConnectionHandler connection) {
        if (connectionId == 0) return null;
        return connectionIds.put(new Reconnecting(connection.identity(), connectionId), connection);
    }

    boolean takeClientId(String clientId) {
        return clientIds.add(clientId);
    }

    String connectionLimitText() {
        return limitedByOpenFiles
                ? "the broker has " + maxConnections + " connections, which is all that the limit of open files of its"
                        + " process permits; close some, or raise that limit (ulimit -n)"
                : "the broker has " + maxConnections
                        + " connections, which is network.maxConnections; close some or raise it";
    }

    /** @param then told whether the client is let in, or what kept it from being decided */
    void authenticate(String user, String password, BiConsumer<Boolean, Throwable> then) {
        authenticator.authenticate(user, password).whenComplete(then);
    }

    boolean isShardThread() {
        return shardLoop.inEventLoop();
    }

    /** Runs at once on the shard's loop, otherwise there as soon as possible, in order. */
    void onShard(Runnable task) {
        if (shardLoop.inEventLoop()) tasks.run(task);
        else tasks.execute(task);
    }

    /** Runs on the shard's loop, after what waits there already. */
    public void afterOthersOnShard(Runnable task) {
        tasks.execute(task);
    }

    private void atEndOfThisTurn(Runnable task) {
        nextTurn.atEndOfThisTurn(() -> tasks.run(task));
    }

    /** A full log has changed nothing; whatever else a task of the shard throws, the shard cannot go on after it. */
    private void taskFailed(Throwable e) {
        boolean changedNothing =
                e instanceof StoreException known && known.error().isPassing();
        LOG.error("A task of the shard failed{}", changedNothing ? ", and nothing was changed" : "", e);
        if (!changedNothing) shardFailed(e);
    }

    /** The broker ends: what the shard has in memory is in doubt. */
    void shardFailed(Throwable cause) {
        RuntimeException failure = cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
        if (shardLoop.inEventLoop()) shard.fail(failure);
        else tasks.execute(() -> shard.fail(failure));
    }

    ConnectionMemory memory() {
        return memory;
    }

    /** The time of the shard's loop. */
    Turns turns() {
        return turns;
    }

    /** Bytes that wait until clients read them, all connections together. */
    public long outputBytes() {
        return memory.outputBytes();
    }

    /** What is bounded here, and how much of it is used. */
    public List<Budget> budgets() {
        OpenFiles files = OpenFiles.ofThisProcess();
        String limitOfConnections = limitedByOpenFiles ? "limit of open files, ulimit -n" : "network.maxConnections";
        List<Budget> budgets = new ArrayList<>();
        budgets.add(new Budget("connections", open.get(), maxConnections, "", limitOfConnections));
        if (files.most() > 0 && files.most() < Long.MAX_VALUE) {
            budgets.add(new Budget("open files", files.open(), files.most(), "", "ulimit -n"));
        }
        String memoryFrom = "part of -XX:MaxDirectMemorySize";
        budgets.add(new Budget("output not read", memory.outputBytes(), memory.mostOutputBytes(), "bytes", memoryFrom));
        budgets.add(new Budget(
                "frames arrived in part", memory.inputBytes(), memory.mostInputBytes(), "bytes", memoryFrom));
        budgets.add(new Budget(
                "connections that wait for a turn of the loop",
                turns.waiting(),
                open.get(),
                "",
                "those that want much share " + Turns.SHARED_NANOS / 1000 + " us of each turn"));
        return budgets;
    }

    Shard shard() {
        return shard;
    }

    ClientRequests requests() {
        return requests;
    }

    BrokerSettings.Network settings() {
        return settings;
    }

    Refusals refusals() {
        return refusals;
    }

    String brokerId() {
        return brokerId;
    }

    String version() {
        return version;
    }

    /** Names the data that this broker keeps. */
    UUID storeId() {
        return storeId;
    }
}
