package org.larchmq.tck;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/** The names that the TCK looks up, as a jndi.properties file. */
final class AdministeredObjects {
    /** The client identifier of the factory for durable subscriptions. */
    static final String CLIENT_ID = "cts";

    private static final List<String> FACTORIES =
            List.of("MyConnectionFactory", "MyQueueConnectionFactory", "MyTopicConnectionFactory");
    private static final String DURABLE_FACTORY = "DURABLE_SUB_CONNECTION_FACTORY";
    private static final List<String> QUEUES =
            List.of("MY_QUEUE", "MY_QUEUE2", "testQ0", "testQ1", "testQ2", "testQueue2", "Q2");
    private static final List<String> TOPICS = List.of("MY_TOPIC", "MY_TOPIC2", "testT0", "testT1", "testT2");
    /** Packages of objects that the TCK sends in messages. */
    private static final String TRUSTED = "com.sun.ts.tests.jms,java.util";

    private AdministeredObjects() {}

    static Properties of(String brokerUri) {
        Properties jndi = new Properties();
        String uri = brokerUri + "?trustedPackages=" + TRUSTED;
        jndi.setProperty("java.naming.factory.initial", "org.larchmq.jms.LarchInitialContextFactory");
        jndi.setProperty("java.naming.provider.url", uri);
        for (String name : FACTORIES) jndi.setProperty("connectionFactory." + name, uri);
        jndi.setProperty("connectionFactory." + DURABLE_FACTORY, uri + "&clientId=" + CLIENT_ID);
        for (String name : QUEUES) jndi.setProperty("queue." + name, name);
        for (String name : TOPICS) jndi.setProperty("topic." + name, name);
        return jndi;
    }

    /** Writes {@code jndi.properties} into a directory, which is to stand on the class path. */
    static void write(String brokerUri, Path directory) throws IOException {
        try (Writer out = Files.newBufferedWriter(directory.resolve("jndi.properties"))) {
            of(brokerUri).store(out, "What the TCK looks up");
        }
    }
}
