package org.larchmq.server.process;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.larchmq.broker.Broker;
import org.larchmq.broker.BrokerStartException;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.server.output.BoundedOutput;
import org.larchmq.server.output.LogAppender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker that has a Java process to itself, from start to stop. SIGTERM and SIGINT stop it in order, and the process
 * then exits with 0; when the broker stops itself (a failed flush, a broken invariant), or an orderly stop could not keep
 * what it promises, it exits with {@link #BROKER_FAILED}. An orderly stop takes as long as it takes, and the log says how
 * far it has got; the end after a failure is bounded. Nobody here waits for who reads the output.
 */
public final class BrokerProcess {
    /** Exit code after the broker stopped itself, or could not keep what an orderly stop promises. */
    public static final int BROKER_FAILED = 70;

    private static final Logger LOG = LoggerFactory.getLogger(BrokerProcess.class);
    /** A broker that has failed has nothing left to store. */
    private static final int END_AFTER_FAILURE_SECONDS = 30;

    private static final long MOST_OUTPUT_BYTES = 64 << 10;
    private static final long LONGEST_FLUSH_MILLIS = 2_000;

    private final BrokerSettings settings;
    private final Starter starter;
    private final String secret;
    private final BoundedOutput out;
    private final CompletableFuture<Void> stopAsked = new CompletableFuture<>();
    private final CountDownLatch finished = new CountDownLatch(1);
    private final AtomicInteger exitCode = new AtomicInteger();
    private volatile boolean started;

    /** Starts the broker of the process. */
    @FunctionalInterface
    interface Starter {
        /** @param starting is told the port when it and the data directory are the broker's */
        Broker start(BrokerSettings settings, IntConsumer starting) throws BrokerStartException;
    }

    /**
     * @param secret password of {@link org.larchmq.server.security.LocalSecret#USER}
     * @param out    gets a line when clients can connect and one when the broker has stopped
     */
    public BrokerProcess(BrokerSettings settings, String secret, PrintWriter out) {
        this(settings, secret, out, Broker::start);
    }

    BrokerProcess(BrokerSettings settings, String secret, PrintWriter out, Starter starter) {
        this.settings = settings;
        this.starter = starter;
        this.secret = secret;
        this.out =
                new BoundedOutput("larchmq-output", line -> print(out, line), MOST_OUTPUT_BYTES, lines -> new byte[0]);
    }

    private static void print(PrintWriter out, byte[] line) {
        out.print(new String(line, StandardCharsets.UTF_8));
        out.flush();
    }

    /**
     * Returns when the broker has stopped.
     *
     * @return the exit code of the process
     * @throws BrokerStartException when it could not start
     */
    public int run() throws BrokerStartException {
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, failure) -> LOG.error("Thread {} has ended: {}", thread.getName(), failure, failure));
        Thread onSignal = new Thread(this::stopOnSignal, "larchmq-stop");
        Runtime.getRuntime().addShutdownHook(onSignal);
        Broker broker;
        try {
            broker = starter.start(settings, this::starting);
        } catch (BrokerStartException | RuntimeException | Error e) {
            removeHook(onSignal);
            removeFile();
            throw e;
        }
        started = true;
        broker.failure().whenComplete((none, cause) -> endSoon(cause));
        serve(broker);
        finished.countDown();
        return exitCode.get();
    }

    /** The data directory is this broker's, and so is the port: from now on it is found by stop and status. */
    private void starting(int port) {
        leaveFile(here(port).starting());
    }

    private RunningBroker here(int port) {
        return RunningBroker.here(settings.network().host(), port, secret);
    }

    private void serve(Broker broker) {
        RunningBroker here = here(broker.port());
        leaveFile(here);
        say("LarchMQ ready on " + here.address());
        try {
            CompletableFuture.anyOf(stopAsked, broker.failure()).get();
            LOG.info("Stopping");
        } catch (ExecutionException e) {
            failed(e.getCause());
        } catch (InterruptedException e) {
            LOG.info("Stopping: the main thread was interrupted");
        }
        close(broker);
        removeFile();
        say(exitCode.get() == 0 ? "LarchMQ stopped" : "LarchMQ stopped after a failure; its log says why");
        closeOutputs();
    }

    private void failed(Throwable cause) {
        if (exitCode.compareAndSet(0, BROKER_FAILED)) {
            LOG.error("The broker has stopped itself: {}", cause.getMessage(), cause);
        }
    }

    /** A broker that cannot go on ends with its exit code, even when its threads cannot. */
    private void endSoon(Throwable cause) {
        Thread end = new Thread(
                () -> {
                    try {
                        failed(cause);
                        if (finished.await(END_AFTER_FAILURE_SECONDS, TimeUnit.SECONDS)) return;
                        LOG.error("The broker did not end within {} s; ending the process", END_AFTER_FAILURE_SECONDS);
                        closeOutputs();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(BROKER_FAILED);
                },
                "larchmq-end");
        end.setDaemon(true);
        end.start();
    }

    private void close(Broker broker) {
        try {
            if (!broker.stop()) exitCode.compareAndSet(0, BROKER_FAILED);
        } catch (RuntimeException | Error e) {
            if (exitCode.compareAndSet(0, BROKER_FAILED)) {
                LOG.error("The broker could not be stopped in order: {}", e.getMessage(), e);
            }
        }
    }

    /** Without the file the broker works, only stop and status do not find it: a full disk must not keep it from starting. */
    private void leaveFile(RunningBroker here) {
        Path directory = settings.dataDirectory();
        try {
            here.write(directory);
        } catch (IOException e) {
            LOG.warn(
                    "Could not write {}, so that `larchmq stop` and `larchmq status` will not find this broker: {}",
                    RunningBroker.fileIn(directory),
                    e.toString());
        }
    }

    /** When it is of this process: a start that was refused leaves alone what the running broker has left. */
    private void removeFile() {
        Path directory = settings.dataDirectory();
        try {
            boolean ours = RunningBroker.read(directory)
                    .filter(RunningBroker::isThisProcess)
                    .isPresent();
            if (ours) RunningBroker.delete(directory);
        } catch (IOException e) {
            LOG.warn("Could not delete {}: {}", RunningBroker.fileIn(directory), e.toString());
        }
    }

    private void say(String line) {
        out.write((line + System.lineSeparator()).getBytes(StandardCharsets.UTF_8));
    }

    private void closeOutputs() {
        try {
            out.flush(LONGEST_FLUSH_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LogAppender.closeLog();
    }

    /**
     * Runs in the JVM's shutdown, whatever began it; ends the process itself, since the JVM would exit with 143. Waits as
     * long as the stop takes: to give up would lose what it still has to store.
     */
    private void stopOnSignal() {
        if (!started) {
            removeFile();
            say("LarchMQ was stopped before it was ready");
            closeOutputs();
            Runtime.getRuntime().halt(0); // recovery can be cut off anywhere: the next start does it again
        }
        stopAsked.complete(null);
        try {
            finished.await();
        } catch (InterruptedException e) {
            throw new CompletionException(e);
        }
        Runtime.getRuntime().halt(exitCode.get());
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("The process is ending already", e);
        }
    }
}
