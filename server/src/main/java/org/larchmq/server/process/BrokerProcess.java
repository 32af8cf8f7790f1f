package org.larchmq.server.process;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.larchmq.broker.Broker;
import org.larchmq.broker.BrokerStartException;
import org.larchmq.broker.settings.BrokerSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker that has a Java process to itself, from start to stop. SIGTERM and SIGINT stop it in order, and the process
 * then exits with 0; when the broker stops itself (a failed flush, a broken invariant) it exits with
 * {@link #BROKER_FAILED}.
 */
public final class BrokerProcess {
    /** Exit code after the broker stopped itself. */
    public static final int BROKER_FAILED = 70;

    /** Exit code of an orderly stop that did not come to an end. */
    private static final int STOP_TOOK_TOO_LONG = 1;

    private static final Logger LOG = LoggerFactory.getLogger(BrokerProcess.class);
    private static final int STOP_SECONDS = 60;

    private final BrokerSettings settings;
    private final String secret;
    private final PrintWriter out;
    private final CompletableFuture<Void> stopAsked = new CompletableFuture<>();
    private final CountDownLatch finished = new CountDownLatch(1);
    private final AtomicInteger exitCode = new AtomicInteger();
    private volatile boolean started;

    /**
     * @param secret password of {@link org.larchmq.server.security.LocalSecret#USER}
     * @param out    gets a line when clients can connect and one when the broker has stopped
     */
    public BrokerProcess(BrokerSettings settings, String secret, PrintWriter out) {
        this.settings = settings;
        this.secret = secret;
        this.out = out;
    }

    /**
     * Returns when the broker has stopped.
     *
     * @return the exit code of the process
     * @throws BrokerStartException when it could not start
     */
    public int run() throws BrokerStartException {
        Thread onSignal = new Thread(this::stopOnSignal, "larchmq-stop");
        Runtime.getRuntime().addShutdownHook(onSignal);
        Broker broker;
        try {
            broker = Broker.start(settings);
        } catch (BrokerStartException | RuntimeException | Error e) {
            removeHook(onSignal);
            throw e;
        }
        started = true;
        serve(broker);
        finished.countDown();
        return exitCode.get();
    }

    private void serve(Broker broker) {
        String host = settings.network().host();
        RunningBroker here = RunningBroker.here(host, broker.port(), secret);
        leaveFile(here);
        say("LarchMQ ready on tcp://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + broker.port());
        try {
            CompletableFuture.anyOf(stopAsked, broker.failure()).get();
            LOG.info("Stopping");
        } catch (ExecutionException e) {
            exitCode.set(BROKER_FAILED);
            LOG.error("The broker has stopped itself: {}", e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            LOG.info("Stopping: the main thread was interrupted");
        }
        close(broker);
        removeFile(here);
        say(exitCode.get() == 0 ? "LarchMQ stopped" : "LarchMQ stopped after a failure; its log says why");
    }

    private void close(Broker broker) {
        try {
            if (!broker.stop()) exitCode.compareAndSet(0, BROKER_FAILED);
        } catch (RuntimeException e) {
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

    private void removeFile(RunningBroker here) {
        try {
            here.delete(settings.dataDirectory());
        } catch (IOException e) {
            LOG.warn("Could not delete {}: {}", RunningBroker.fileIn(settings.dataDirectory()), e.toString());
        }
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    /** Runs in the JVM's shutdown, whatever began it; ends the process itself, since the JVM would exit with 143. */
    private void stopOnSignal() {
        if (!started) {
            say("LarchMQ was stopped before it was ready");
            Runtime.getRuntime().halt(0); // recovery can be cut off anywhere: the next start does it again
        }
        stopAsked.complete(null);
        try {
            if (!finished.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.error("The broker did not stop within {} s; ending the process", STOP_SECONDS);
                exitCode.compareAndSet(0, STOP_TOOK_TOO_LONG);
            }
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
