package org.larchmq.server.quickstart;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Sends orders, receives some, kills the broker, starts it again, receives the rest, and checks that each came. Closing
 * it, or ending this process with SIGINT or SIGTERM, ends every process it started and deletes the directory.
 */
public final class Quickstart implements AutoCloseable {
    private static final int ORDERS = 20;
    private static final int RECEIVED_BEFORE = 8;
    private static final int PATIENCE_SECONDS = 30;
    private static final String READY = "LarchMQ ready on ";

    private final Path home;
    private final PrintWriter out;
    private final List<ChildProcess> children = new ArrayList<>();
    private final Thread onSignal = new Thread(this::cleanUp, "quickstart-clean-up");
    private Path directory;
    private boolean cleanedUp;
    private int step;

    /** @param home the distribution */
    public Quickstart(Path home, PrintWriter out) {
        this.home = home;
        this.out = out;
        Runtime.getRuntime().addShutdownHook(onSignal);
    }

    /** @throws QuickstartException when it does not come out as it should */
    public void run() throws InterruptedException {
        makeDirectory();
        out.println("What happens to orders when the broker is killed:\n");

        ChildProcess broker = startBroker();
        String url = broker.awaitLine(READY, PATIENCE_SECONDS);
        tell("A broker runs at " + url + ", its data in a new temporary directory.");

        sample("SendOrders", url, ORDERS);
        tell("A second program sent " + ORDERS
                + " orders to the queue 'orders'. Each send() returned when its order was on disk (fdatasync).");

        List<ReceivedOrder> before = ReceivedOrder.in(sample("ReceiveOrders", url, RECEIVED_BEFORE));
        check(before, 1, RECEIVED_BEFORE);
        tell("A third program received and acknowledged orders " + numbers(before) + ", and ended. "
                + (ORDERS - RECEIVED_BEFORE) + " orders are left.");

        broker.kill();
        tell("The broker was killed (kill -9): it had no chance to save anything.");

        long begun = System.nanoTime();
        ChildProcess again = startBroker();
        String newUrl = again.awaitLine(READY, PATIENCE_SECONDS);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        tell("It was started again on the same data, and was ready after " + millis + " ms, JVM included.");

        List<ReceivedOrder> after = ReceivedOrder.in(sample("ReceiveOrders", newUrl, ORDERS));
        check(after, RECEIVED_BEFORE + 1, ORDERS);
        tell("The third program, run again, received orders " + numbers(after) + ", and then the queue was empty.\n"
                + redeliveries(after));

        again.stop(PATIENCE_SECONDS);
        out.println("\nAll " + ORDERS + " orders arrived; none is missing, and no acknowledged one came twice.");
        out.println("Next: `./larchmq start --data ./data`, and the first program in README.md.");
        out.flush();
    }

    @Override
    public void close() {
        cleanUp();
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException e) {
            return; // the process is ending, and the hook does the same again
        }
    }

    private ChildProcess startBroker() {
        return child(
                "the broker",
                List.of(
                        home.resolve("bin/larchmq").toString(),
                        "start",
                        "--data",
                        directory.resolve("data").toString(),
                        "--port",
                        "0",
                        "--set",
                        "store.flush=sync"));
    }

    private List<String> sample(String program, String url, int orders) throws InterruptedException {
        String classPath = home.resolve("client") + "/*:" + home.resolve("samples") + "/*";
        ChildProcess sample = child(
                "the sample " + program,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        "org.larchmq.samples.orders." + program,
                        url,
                        Integer.toString(orders)));
        return sample.awaitSuccess(PATIENCE_SECONDS);
    }

    private synchronized ChildProcess child(String name, List<String> command) {
        if (cleanedUp) throw new QuickstartException("it was interrupted");
        Path errors = directory.resolve("errors-" + children.size() + ".log");
        ChildProcess child = ChildProcess.start(name, command, errors);
        children.add(child);
        return child;
    }

    /** Exactly the orders first to last, in order. */
    private static void check(List<ReceivedOrder> orders, int first, int last) {
        List<Integer> expected = IntStream.rangeClosed(first, last).boxed().toList();
        List<Integer> received = orders.stream().map(ReceivedOrder::number).toList();
        if (!received.equals(expected)) {
            throw new QuickstartException("orders " + first + " to " + last + " should have come, each once and in"
                    + " order, but these came: " + received);
        }
    }

    private static String redeliveries(List<ReceivedOrder> orders) {
        List<ReceivedOrder> flagged =
                orders.stream().filter(ReceivedOrder::redelivered).toList();
        if (flagged.isEmpty()) {
            return "None carries JMSRedelivered: the broker knows that none had been handed out before the kill.";
        }
        String which = flagged.size() == orders.size() ? "All of them carry" : "Orders " + numbers(flagged) + " carry";
        return which + " JMSRedelivered: the broker may have handed them out ahead of need before it was\n"
                + "killed, cannot know whether a program saw them, and says so.";
    }

    private static String numbers(List<ReceivedOrder> orders) {
        List<Integer> numbers = orders.stream().map(ReceivedOrder::number).toList();
        int first = numbers.get(0);
        int last = numbers.get(numbers.size() - 1);
        boolean isRange = numbers.size() > 2 && last - first + 1 == numbers.size();
        if (isRange) return first + " to " + last;
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private void tell(String text) {
        out.println(++step + ". " + text.replace("\n", "\n   "));
        out.flush();
    }

    private void makeDirectory() {
        try {
            directory = Files.createTempDirectory("larchmq-quickstart-");
        } catch (IOException e) {
            throw new QuickstartException("no temporary directory can be made: " + e.getMessage(), e);
        }
    }

    private synchronized void cleanUp() {
        cleanedUp = true;
        for (ChildProcess child : children) child.close();
        children.clear();
        if (directory == null) return;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
            directory = null;
        } catch (IOException e) {
            out.println("The temporary directory " + directory + " could not be deleted: " + e.getMessage());
            out.flush();
        }
    }
}
