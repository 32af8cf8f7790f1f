package org.larchmq.tck;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Jars that look to the runner as the TCK's do, with tests of ours in them. */
final class StandIn {
    /** Uses what a test of the TCK is given: system properties, names in JNDI, users. */
    static final String USES_ALL_THAT_IS_GIVEN = """
            package com.sun.ts.tests.jms.core.standin;

            import jakarta.jms.*;
            import javax.naming.InitialContext;
            import org.junit.jupiter.api.Test;
            import static org.junit.jupiter.api.Assertions.*;

            public class StandInIT {
                private final String user = System.getProperty("user");
                private final String password = System.getProperty("password");

                @Test
                public void messagesCanBeSentAndReceivedWithTheGivenUser() throws Exception {
                    InitialContext jndi = new InitialContext();
                    QueueConnectionFactory factory = (QueueConnectionFactory) jndi.lookup("MyQueueConnectionFactory");
                    try (JMSContext context = ((ConnectionFactory) factory).createContext(user, password)) {
                        Queue queue = (Queue) jndi.lookup("MY_QUEUE");
                        context.createProducer().send(queue, "hello");
                        String body = context.createConsumer(queue)
                                .receiveBody(String.class, Long.getLong("jms_timeout"));
                        assertEquals("hello", body);
                    }
                }

                @Test
                public void everyNameIsBoundAndModesAreSet() throws Exception {
                    InitialContext jndi = new InitialContext();
                    for (String name : "MY_QUEUE MY_QUEUE2 testQ0 testQ1 testQ2 testQueue2 Q2".split(" ")) {
                        assertTrue(jndi.lookup(name) instanceof Queue, name);
                    }
                    for (String name : "MY_TOPIC MY_TOPIC2 testT0 testT1 testT2".split(" ")) {
                        assertTrue(jndi.lookup(name) instanceof Topic, name);
                    }
                    assertTrue(jndi.lookup("MyConnectionFactory") instanceof ConnectionFactory);
                    assertTrue(jndi.lookup("MyTopicConnectionFactory") instanceof TopicConnectionFactory);
                    assertEquals("standalone", System.getProperty("platform.mode"));
                    assertEquals("standalone", System.getProperty("vehicle"));
                }

                @Test
                public void theFactoryForDurableSubscriptionsHasItsClientIdAndTheOthersHaveNone() throws Exception {
                    InitialContext jndi = new InitialContext();
                    assertEquals("cts", clientId(jndi.lookup("DURABLE_SUB_CONNECTION_FACTORY")));
                    assertNull(clientId(jndi.lookup("MyTopicConnectionFactory")));
                }

                private String clientId(Object factory) throws Exception {
                    try (Connection connection = ((TopicConnectionFactory) factory).createTopicConnection(user, password)) {
                        return connection.getClientID();
                    }
                }

                @Test
                public void othersAreRefusedAndNobodyIsLetIn() throws Exception {
                    ConnectionFactory factory = (ConnectionFactory) new InitialContext().lookup("MyConnectionFactory");
                    assertThrows(JMSSecurityException.class, () -> factory.createConnection("invalid", "invalid"));
                    factory.createConnection().close();
                }
            }
            """;

    /** One passes, one fails after it has logged something; the one that leaves something behind comes last. */
    static final String FAILS = """
            package com.sun.ts.tests.jms.core20.standin;

            import org.junit.jupiter.api.Test;

            public class ClientIT {
                private static int run;

                @Test
                public void transactionRollbackOnPublishTopicTest() {
                    if (run != 2) throw new IllegalStateException("came as number " + run);
                }

                @Test
                public void zPasses() {
                    run++;
                }

                @Test
                public void fails() throws Exception {
                    run++;
                    System.getLogger("standin").log(System.Logger.Level.ERROR, "what the test has to say");
                    throw new Exception("fails failed", new IllegalArgumentException("the cause of it"));
                }
            }
            """;

    private static final String TOOL = "package com.sun.ts.tests.jms.common; public class JmsTool {}";

    private StandIn() {}

    static Path tests(Path directory, String... sources) throws IOException {
        return jar(directory, "jms-tck", sources);
    }

    static Path common(Path directory) throws IOException {
        return jar(directory, "common", TOOL);
    }

    private static Path jar(Path directory, String name, String... sources) throws IOException {
        Path classes = Files.createDirectories(directory.resolve(name + "-classes"));
        for (String source : sources) compile(directory, source, classes);
        Path jar = directory.resolve(name + ".jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> files = Files.walk(classes)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(
                        new JarEntry(classes.relativize(each).toString().replace('\\', '/')));
                Files.copy(each, out);
            }
        }
        return jar;
    }

    private static void compile(Path directory, String source, Path classes) throws IOException {
        String type = source.replaceAll("(?s).*public class (\\w+).*", "$1");
        Path file = Files.writeString(directory.resolve(type + ".java"), source);
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> arguments = List.of("-proc:none", "-cp", classPath, "-d", classes.toString(), file.toString());
        int failed = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        if (failed != 0) throw new IllegalStateException("a stand-in does not compile: " + Map.of(type, source));
    }
}
