package org.larchmq.jms;

import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.NamingException;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchTopic;
import org.larchmq.jms.options.ClientOptions;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.jms.options.Nearest;
import org.larchmq.jms.options.Option;
import org.larchmq.message.Names;
import org.larchmq.message.ProtocolException;

/** Reads the names that a JNDI environment binds; see {@link LarchInitialContextFactory} for what can stand there. */
final class JndiBindings {
    private static final String CONNECTION_FACTORY = "connectionFactory.";
    private static final String CONNECTION = "connection.";
    private static final String FACTORY_NAMES = "connectionFactoryNames";
    private static final String BROKER_URL = "brokerURL";
    private static final String QUEUE = "queue.";
    private static final String TOPIC = "topic.";
    private static final List<String> STANDARD_NAMES =
            List.of("ConnectionFactory", "QueueConnectionFactory", "TopicConnectionFactory");

    private static final String XA_NAME = "XAConnectionFactory";

    /** Artemis' way to say in the URI which interface is wanted; ours have them all. */
    private static final Pattern TYPE = Pattern.compile("([?&])type=([^&]*)(&|$)");

    private static final List<String> TYPES =
            List.of("CF", "QUEUE_CF", "TOPIC_CF", "XA_CF", "QUEUE_XA_CF", "TOPIC_XA_CF");

    private final Map<String, String> environment = new TreeMap<>();
    private final Map<String, Object> bindings = new TreeMap<>();

    private JndiBindings(Hashtable<?, ?> environment) {
        for (Map.Entry<?, ?> entry : environment.entrySet()) {
            if (entry.getKey() instanceof String key && entry.getValue() instanceof String value) {
                this.environment.put(key, value.trim());
            }
        }
    }

    /** @throws NamingException naming the property that is wrong, and what is wrong with it */
    static Map<String, Object> read(Hashtable<?, ?> environment) throws NamingException {
        JndiBindings read = new JndiBindings(Releases.checked(environment));
        for (Map.Entry<String, String> entry : read.environment.entrySet()) {
            read.bind(entry.getKey(), entry.getValue());
        }
        read.bindNamedFactories();
        read.checkConnectionProperties();
        for (String name : STANDARD_NAMES) {
            if (!read.bindings.containsKey(name)) read.bindings.put(name, read.standardFactory());
        }
        if (!read.bindings.containsKey(XA_NAME)) {
            read.bindings.put(
                    XA_NAME, new LarchXAConnectionFactory(read.standardFactory().uri()));
        }
        return read.bindings;
    }

    private void bind(String key, String value) throws NamingException {
        if (key.startsWith(CONNECTION_FACTORY)) {
            put(key, key.substring(CONNECTION_FACTORY.length()), factory(key, value));
        } else if (key.startsWith(QUEUE)) {
            put(key, key.substring(QUEUE.length()), new LarchQueue(physicalName(key, value)));
        } else if (key.startsWith(TOPIC)) {
            put(key, key.substring(TOPIC.length()), new LarchTopic(physicalName(key, value)));
        }
    }

    private void put(String key, String name, Object object) throws NamingException {
        if (name.isEmpty()) throw wrong(key, "a name is missing", null);
        if (bindings.put(name, object) != null) throw wrong(key, "the name '" + name + "' is bound twice", null);
    }

    // Factories.

    private void bindNamedFactories() throws NamingException {
        String names = environment.getOrDefault(FACTORY_NAMES, "");
        for (String name : Stream.of(names.split(",")).map(String::trim).toList()) {
            if (!name.isEmpty()) put(FACTORY_NAMES, name, namedFactory(name));
        }
    }

    /** The standard factory with the properties {@code connection.NAME.…} of its own. */
    private LarchConnectionFactory namedFactory(String name) throws NamingException {
        String prefix = CONNECTION + name + ".";
        String urlKey = prefix + BROKER_URL;
        LarchConnectionFactory factory =
                environment.containsKey(urlKey) ? factory(urlKey, environment.get(urlKey)) : standardFactory();
        for (Map.Entry<String, String> entry : environment.entrySet()) {
            String key = entry.getKey();
            if (!key.startsWith(prefix) || key.equals(urlKey)) continue;
            try {
                factory.set(Option.named(key.substring(prefix.length())), entry.getValue());
            } catch (IllegalArgumentException e) {
                throw wrong(key, e.getMessage(), e);
            }
        }
        return factory;
    }

    /** A property of a factory that is not there would be ignored: its name is probably misspelt. */
    private void checkConnectionProperties() throws NamingException {
        for (String key : environment.keySet()) {
            if (!key.startsWith(CONNECTION)) continue;
            boolean used = bindings.keySet().stream().anyMatch(name -> key.startsWith(CONNECTION + name + "."));
            if (!used) {
                throw wrong(
                        key,
                        "no name in " + FACTORY_NAMES + " fits it; nearest is '"
                                + Nearest.to(key.substring(CONNECTION.length()), bindings.keySet()) + "'",
                        null);
            }
        }
    }

    private LarchConnectionFactory standardFactory() throws NamingException {
        if (environment.containsKey(Context.PROVIDER_URL)) {
            return factory(Context.PROVIDER_URL, environment.get(Context.PROVIDER_URL));
        }
        if (environment.containsKey(BROKER_URL)) return factory(BROKER_URL, environment.get(BROKER_URL));
        return new LarchConnectionFactory(withDefaults(LarchUri.local()));
    }

    private LarchConnectionFactory factory(String key, String uri) throws NamingException {
        try {
            LarchUri parsed = withDefaults(LarchUri.parse(withoutType(uri)));
            return isXa(uri) ? new LarchXAConnectionFactory(parsed) : new LarchConnectionFactory(parsed);
        } catch (IllegalArgumentException e) {
            throw wrong(key, e.getMessage(), e);
        }
    }

    private static boolean isXa(String uri) {
        Matcher type = TYPE.matcher(uri);
        return type.find() && type.group(2).endsWith("XA_CF");
    }

    private static String withoutType(String uri) {
        Matcher type = TYPE.matcher(uri);
        if (!type.find()) return uri;
        if (!TYPES.contains(type.group(2))) {
            throw new IllegalArgumentException("'" + LarchUri.withoutPassword(uri) + "': type must be one of " + TYPES
                    + " at character " + (type.start(2) + 1) + ", is '" + type.group(2) + "'");
        }
        boolean isLast = type.group(3).isEmpty();
        return uri.substring(0, type.start()) + (isLast ? "" : type.group(1)) + uri.substring(type.end());
    }

    /** User and client identifier of the environment for a factory whose URI has none. */
    private LarchUri withDefaults(LarchUri uri) {
        ClientOptions options = uri.options();
        if (!options.isSet(Option.USER)) {
            String user = first(Context.SECURITY_PRINCIPAL, "userName", "user");
            String password = first(Context.SECURITY_CREDENTIALS, "password");
            if (user != null) options = options.with(Option.USER, user);
            if (user != null && password != null) options = options.with(Option.PASSWORD, password);
        }
        String clientId = first("clientID", "clientId");
        if (clientId != null && !options.isSet(Option.CLIENT_ID)) options = options.with(Option.CLIENT_ID, clientId);
        return uri.withOptions(options);
    }

    private String first(String... keys) {
        for (String key : keys) {
            if (environment.containsKey(key)) return environment.get(key);
        }
        return null;
    }

    private static String physicalName(String key, String value) throws NamingException {
        try {
            return Names.checkName(value);
        } catch (ProtocolException e) {
            throw wrong(key, e.getMessage(), e);
        }
    }

    private static NamingException wrong(String key, String what, Exception cause) {
        NamingException e = new ConfigurationException("JNDI property " + key + ": " + what);
        e.setRootCause(cause);
        return e;
    }
}
