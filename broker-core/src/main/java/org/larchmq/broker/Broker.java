package org.larchmq.broker;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.larchmq.broker.net.Endpoint;
import org.larchmq.broker.net.Listener;
import org.larchmq.broker.net.LoopTasks;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.shard.Budget;
import org.larchmq.broker.shard.ClientRequests;
import org.larchmq.broker.shard.Flusher;
import org.larchmq.broker.shard.ShardLoop;
import org.larchmq.broker.shard.ShardRuntime;
import org.larchmq.broker.state.Destination;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.catalog.DataDirectory;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running broker: one shard on its data directory and the endpoint that clients connect to. Safe to use from any
 * thread.
 */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final String VERSION = versionOf(Broker.class);
    /** How often a stop that takes long says how far it has got. */
    private static final long PROGRESS_SECONDS = 5;

    private final BrokerSettings settings;
    private final Storage storage;
    private final String brokerId = UUID.randomUUID().toString();
    private final long startedNanos = System.nanoTime();
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private boolean stoppedInOrder; // guarded by this

    private DataDirectory directory;
    private MultiThreadIoEventLoopGroup loops;
    private EventLoop shardLoop;
    private ShardLoop loop;
    private ExecutorService flushThread;
    private ExecutorService checkpointThread;
    private ExecutorService spaceThread;
    private ShardRuntime runtime;
    private Endpoint endpoint;

    private Broker(BrokerSettings settings, Storage storage) {
        this.settings = settings;
        this.storage = storage;
    }

    /**
     * Recovers the data directory and listens; clients can connect when it returns.
     *
     * @throws BrokerStartException when it cannot; nothing is left running then
     */
    public static Broker start(BrokerSettings settings) throws BrokerStartException {
        return start(settings, port -> {});
    }

    /**
     * The same.
     *
     * @param starting is told the port when it and the data directory are this broker's, before recovery, which may take
     *                 minutes; clients that connect meanwhile wait
     * @throws BrokerStartException when it cannot; nothing is left running then
     */
    public static Broker start(BrokerSettings settings, IntConsumer starting) throws BrokerStartException {
        return start(new Broker(settings, new Storage.OnDisk(settings.dataDirectory())), starting);
    }

    /**
     * The same broker without a disk, for tests of applications: what it keeps is gone when it is closed. The data
     * directory of the settings is not used.
     *
     * @param capacityBytes heap that its data may take; at the limit messages are refused, as on a full disk
     * @throws BrokerStartException when it cannot; nothing is left running then
     */
    public static Broker startInMemory(BrokerSettings settings, long capacityBytes) throws BrokerStartException {
        return start(new Broker(settings, new Storage.InMemory(capacityBytes)), port -> {});
    }

    private static Broker start(Broker broker, IntConsumer starting) throws BrokerStartException {
        try {
            broker.open(starting);
            return broker;
        } catch (BrokerStartException e) {
            broker.release();
            throw e;
        } catch (StoreException e) {
            broker.release();
            throw new BrokerStartException(e.getMessage(), e);
        } catch (InterruptedException e) {
            broker.release();
            Thread.currentThread().interrupt();
            throw new BrokerStartException("the start was interrupted", e);
        } catch (Exception e) {
            broker.release();
            throw new BrokerStartException("the broker could not start: " + e, e);
        } catch (Error e) {
            broker.release(); // its threads would keep the process alive
            throw e;
        }
    }

    private void open(IntConsumer starting) throws Exception {
        checkHost();
        long clientMemory = DirectMemory.shareOfClients(
                PlatformDependent.maxDirectMemory(), settings.store().tailMemoryBytes());
        IoHandlerFactory io = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        loops = new MultiThreadIoEventLoopGroup(
                settings.network().ioThreads(), new DefaultThreadFactory("larchmq-io"), io);
        shardLoop = loops.next();
        Listener listener = listen(); // first: a port in use is found before anything is made or recovered
        Disk disk = storage.openDisk();
        directory = new DataDirectory(disk);
        starting.accept(listener.port());
        flushThread = thread("larchmq-flush");
        checkpointThread = thread("larchmq-checkpoint");
        spaceThread = thread("larchmq-space");
        loop = new EventLoopOfShard(shardLoop, this::ended);
        runtime = new ShardRuntime(
                settings,
                disk,
                new Catalog(disk, DataDirectory.CATALOG),
                Clock.system(),
                loop,
                Flusher.beside(flushThread, loop),
                spaceThread,
                checkpointThread,
                this::failed);
        ClientRequests requests = new ClientRequests(runtime.shard(), this::administer);
        endpoint = new Endpoint(
                settings.network(),
                settings.authenticator(),
                listener,
                shardLoop,
                runtime.shard(),
                requests,
                brokerId,
                VERSION,
                new UUID(directory.storeId().high(), directory.storeId().low()),
                clientMemory);
        startScrub();
        watchLimits();
        LOG.info("LarchMQ {} listens on {}", VERSION, addressWith(port()));
    }

    private Listener listen() throws BrokerStartException, InterruptedException {
        try {
            return Listener.bind(settings.network(), loops);
        } catch (IOException e) {
            String address = addressWith(settings.network().port());
            boolean inUse = String.valueOf(e.getMessage()).contains("in use");
            throw new BrokerStartException(
                    inUse
                            ? "another program listens on " + address + " already. Remedy: stop it, or choose another"
                                    + " port with network.port"
                            : "cannot listen on " + address + ": " + e.getMessage()
                                    + ". Remedy: choose another address or port with network.host and network.port",
                    e);
        }
    }

    private String addressWith(int port) {
        String host = settings.network().host();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private void watchLimits() {
        LimitWarnings warnings = new LimitWarnings(LOG::warn);
        var shard = runtime.shard();
        new LoopTasks(shardLoop, this::ended)
                .executeEvery(
                        () -> {
                            if (shard.isDown()) return;
                            long used = shard.state().budget().usedBytes();
                            warnings.look(shard.log(), used, settings.limits().memoryBudgetBytes());
                        },
                        1000);
    }

    private void startScrub() {
        if (!(storage instanceof Storage.OnDisk) || !runtime.scrub().isOn()) return;
        Thread scrub = new Thread(runtime.scrub(), "larchmq-scrub");
        scrub.setDaemon(true);
        scrub.setPriority(Thread.MIN_PRIORITY);
        scrub.start();
    }

    private void checkHost() throws BrokerStartException {
        String host = settings.network().host();
        try {
            if (InetAddress.getByName(host).isLoopbackAddress()) return;
        } catch (UnknownHostException e) {
            throw new BrokerStartException("network.host '" + host + "' is not a known address", e);
        }
        throw new BrokerStartException(
                "network.host '" + host
                        + "' is reachable from other machines, which needs TLS, and this version has none;"
                        + " listen on 127.0.0.1",
                null);
    }

    private static ExecutorService thread(String name) {
        return Executors.newSingleThreadExecutor(new DefaultThreadFactory(name, true));
    }

    /** A full log has changed nothing; whatever else a task of the shard throws, the shard cannot go on after it. */
    private void ended(Throwable cause) {
        LOG.error("A task of the shard failed", cause);
        if (cause instanceof StoreException known && known.error().isPassing()) return;
        ShardRuntime running = runtime;
        RuntimeException failure = new IllegalStateException("the shard cannot go on: " + cause, cause);
        try {
            if (running != null) running.shard().fail(failure);
        } finally {
            failed(failure); // also when what the Error was about keeps the shard from ending in order
        }
    }

    /** The port that clients connect to. */
    public int port() {
        return endpoint.port();
    }

    /** Where the tasks of the shard run. */
    ShardLoop loop() {
        return loop;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Completes exceptionally when the broker had to stop by itself: the process should say so and exit. */
    public CompletableFuture<Void> failure() {
        return failure;
    }

    private void failed(RuntimeException cause) {
        failure.completeExceptionally(cause);
    }

    /** What the broker is doing now. */
    public BrokerStatus status() {
        if (shardLoop.inEventLoop()) return currentStatus();
        try {
            return shardLoop.submit(this::currentStatus).get(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the broker does not answer", e);
        }
    }

    private BrokerStatus currentStatus() {
        int queues = 0;
        int topics = 0;
        long unsettled = 0;
        var shard = runtime.shard();
        for (Destination destination : shard.state().destinations()) {
            if (destination.isTopic()) topics++;
            else queues++;
            unsettled += destination.unsettledMessages();
        }
        List<Budget> budgets = new ArrayList<>(endpoint.budgets());
        budgets.addAll(shard.budgets());
        return new BrokerStatus(
                VERSION,
                brokerId,
                (System.nanoTime() - startedNanos) / 1_000_000,
                port(),
                endpoint.outputBytes(),
                queues,
                topics,
                unsettled,
                shard.log().startOffset(),
                shard.log().endOffset(),
                shard.log().flushedOffset(),
                settings.store().flush(),
                shard.log().acceptsMessages(),
                runtime.scrub().toText(),
                budgets);
    }

    private String administer(String command) {
        return command.equals("status") ? currentStatus().toText() : null;
    }

    /** {@link #stop()} for try-with-resources: whether everything was kept is only in the log. */
    @Override
    public void close() {
        stop();
    }

    /**
     * Orderly stop: connections are closed, what must outlive the stop is stored, the data directory is released. Takes
     * as long as that takes, and logs how far it has got. A second call waits for the first.
     *
     * @return whether everything that an orderly stop promises was kept; if not, the log says what was lost and why
     */
    public synchronized boolean stop() {
        if (!closing.compareAndSet(false, true)) return stoppedInOrder;
        boolean orderly = false;
        try {
            endpoint.close();
            orderly = await(shardLoop.submit(runtime.shard()::quiesce), "for what its thread is doing");
            shutDown(flushThread, "for the last flush");
            shutDown(checkpointThread, "for the checkpoint that is being written");
            if (orderly) orderly = await(shardLoop.submit(runtime::stop), "while non-persistent messages are stored");
        } catch (InterruptedException e) {
            orderly = false;
            LOG.error("The orderly stop was interrupted; the next start recovers");
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RuntimeException e) {
            orderly = false;
            LOG.error("The orderly stop failed; the next start recovers", e);
        }
        stoppedInOrder = release() && orderly;
        LOG.info("LarchMQ has stopped{}", stoppedInOrder ? "" : " and could not keep everything; see above");
        return stoppedInOrder;
    }

    private <T> T await(Future<T> step, String what) throws InterruptedException, ExecutionException {
        while (true) {
            try {
                return step.get(PROGRESS_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                LOG.info("The stop goes on {}: {}", what, runtime.shard().stopProgress());
            }
        }
    }

    private static void shutDown(ExecutorService executor, String what) throws InterruptedException {
        executor.shutdown();
        while (!executor.awaitTermination(PROGRESS_SECONDS, TimeUnit.SECONDS)) LOG.info("The stop waits {}", what);
    }

    /** Returns whether nothing went wrong. */
    private boolean release() {
        if (runtime != null) runtime.scrub().stop();
        try {
            if (loops != null) loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(6_000);
            if (runtime != null) runtime.close();
            if (runtime != null && runtime.shard().isStopped()) directory.markStopped();
            return true;
        } catch (RuntimeException e) {
            LOG.error("Closing the data directory failed; the next start recovers", e);
            return false;
        } finally {
            // never interrupted: an interrupt closes the file that a thread is writing to
            for (ExecutorService executor : new ExecutorService[] {flushThread, checkpointThread, spaceThread}) {
                if (executor != null) executor.shutdown();
            }
            if (directory != null) directory.close();
        }
    }

    private static String versionOf(Class<?> type) {
        String version = type.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
