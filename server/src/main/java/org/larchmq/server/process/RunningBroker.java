package org.larchmq.server.process;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.larchmq.server.security.PrivateFile;

/**
 * What {@code broker.properties} in the data directory says about the broker that uses it: written when the directory is its
 * own and once more when clients can connect, deleted at an orderly stop, left behind by a crash. Readable by its owner only, for it holds the local
 * secret.
 *
 * @param identity tells the process from a later one with the same pid
 * @param ready    whether clients are served; before, it recovers its data
 * @param secret   password of {@link org.larchmq.server.security.LocalSecret#USER}
 */
public record RunningBroker(
        long pid, String identity, String host, int port, Instant started, boolean ready, String secret) {
    private static final String FILE = "broker.properties";

    public RunningBroker {
        if (pid < 1) throw new IllegalArgumentException("pid must be positive: " + pid);
        if (port < 1 || port > 65_535) throw new IllegalArgumentException("port must be from 1 to 65535: " + port);
        Objects.requireNonNull(identity, "identity");
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(started, "started");
        Objects.requireNonNull(secret, "secret");
    }

    /** This process. */
    public static RunningBroker here(String host, int port, String secret) {
        long pid = ProcessHandle.current().pid();
        return new RunningBroker(pid, ProcessIdentity.of(pid).orElse(""), host, port, Instant.now(), true, secret);
    }

    /** The same while it recovers its data. */
    public RunningBroker starting() {
        return new RunningBroker(pid, identity, host, port, started, false, secret);
    }

    /** Where clients connect, as a URL. */
    public String address() {
        return "tcp://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    boolean isThisProcess() {
        long self = ProcessHandle.current().pid();
        return pid == self && ProcessIdentity.of(self).filter(identity::equals).isPresent();
    }

    public static Path fileIn(Path dataDirectory) {
        return dataDirectory.resolve(FILE);
    }

    /** Empty when no broker has left such a file. @throws IOException also when the file is not one of ours */
    public static Optional<RunningBroker> read(Path dataDirectory) throws IOException {
        if (Files.isRegularFile(dataDirectory)) throw new IOException(dataDirectory + " is a file, no data directory");
        Path file = fileIn(dataDirectory);
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            return Optional.of(new RunningBroker(
                    Long.parseLong(properties.getProperty("pid", "")),
                    properties.getProperty("identity", ""),
                    properties.getProperty("host", ""),
                    Integer.parseInt(properties.getProperty("port", "")),
                    Instant.parse(properties.getProperty("started", "")),
                    Boolean.parseBoolean(properties.getProperty("ready", "true")),
                    properties.getProperty("secret", "")));
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            throw new IOException(file + " is damaged. Remedy: delete it when no broker uses the directory", e);
        }
    }

    public void write(Path dataDirectory) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("pid", Long.toString(pid));
        properties.setProperty("identity", identity);
        properties.setProperty("host", host);
        properties.setProperty("port", Integer.toString(port));
        properties.setProperty("started", started.toString());
        properties.setProperty("ready", Boolean.toString(ready));
        properties.setProperty("secret", secret);
        StringWriter text = new StringWriter();
        properties.store(text, "the LarchMQ broker that uses this directory");
        PrivateFile.write(fileIn(dataDirectory), text.toString());
    }

    public static void delete(Path dataDirectory) throws IOException {
        Files.deleteIfExists(fileIn(dataDirectory));
    }

    /** The process, when it still lives. */
    public Optional<ProcessHandle> process() {
        boolean sameProcess = ProcessIdentity.of(pid).filter(identity::equals).isPresent();
        return sameProcess ? ProcessHandle.of(pid) : Optional.empty();
    }

    /** Never shows the secret. */
    @Override
    public String toString() {
        return "RunningBroker[pid=" + pid + ", " + address() + ", started=" + started + ", ready=" + ready + "]";
    }
}
