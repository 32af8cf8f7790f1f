package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.InvalidObjectException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;

/**
 * Decides which classes an ObjectMessage may bring to life. Denied is everything but a fixed list of plain values and
 * collections of the JDK and the packages (with their subpackages) that the application has named. Immutable.
 */
public final class ObjectTrust {
    /** For what was serialized here: it was alive before. */
    static final ObjectTrust OURSELVES = new ObjectTrust(List.of("*"));

    private static final int MAX_DEPTH = 100;
    private static final long MAX_REFERENCES = 1_000_000;
    private static final Set<String> PLAIN_VALUES = Set.of(
            "java.lang.Boolean",
            "java.lang.Byte",
            "java.lang.Character",
            "java.lang.Double",
            "java.lang.Enum",
            "java.lang.Float",
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Number",
            "java.lang.Object",
            "java.lang.Short",
            "java.lang.String",
            "java.lang.StringBuffer",
            "java.lang.StringBuilder",
            "java.math.BigDecimal",
            "java.math.BigInteger",
            "java.net.URI",
            "java.util.Currency",
            "java.util.Date",
            "java.util.Locale",
            "java.util.Map$Entry", // an array of them is in every hash table
            "java.util.UUID");
    private static final String PLAIN_PACKAGE = "java.time.";
    /** Collections that call nothing of their elements when they come to life, except compareTo of the sorted ones. */
    private static final Set<String> COLLECTIONS = Set.of(
            "java.util.ArrayDeque",
            "java.util.ArrayList",
            "java.util.Arrays$ArrayList",
            "java.util.BitSet",
            "java.util.Collections$EmptyList",
            "java.util.Collections$EmptyMap",
            "java.util.Collections$EmptySet",
            "java.util.Collections$SingletonList",
            "java.util.Collections$UnmodifiableCollection",
            "java.util.Collections$UnmodifiableList",
            "java.util.Collections$UnmodifiableMap",
            "java.util.Collections$UnmodifiableRandomAccessList",
            "java.util.Collections$UnmodifiableSet",
            "java.util.EnumMap",
            "java.util.LinkedList",
            "java.util.Stack",
            "java.util.TreeMap",
            "java.util.TreeSet",
            "java.util.Vector");
    /** What CollSer becomes. */
    private static final String RESOLVED_COLLECTION = "java.util.ImmutableCollections$";
    /** Collections that call hashCode of their elements, and so of everything in them. */
    private static final Set<String> HASHED_COLLECTIONS = Set.of(
            "java.util.CollSer", // List.of, Set.of, Map.of
            "java.util.Collections$SingletonMap",
            "java.util.Collections$SingletonSet",
            "java.util.HashMap",
            "java.util.HashSet",
            "java.util.Hashtable",
            "java.util.LinkedHashMap",
            "java.util.LinkedHashSet",
            "java.util.Properties");
    /**
     * Values in an object that has hashed ones, each as often as it is referred to: n collections that contain each other
     * cost up to 2^n calls of hashCode, lists of a thousand references to the next list as much as many lists, and n values
     * of one hash code up to n² comparisons.
     */
    private static final int MAX_VALUES_WITH_HASHED = 20_000;

    private static final String TOO_MUCH_WITH_HASHED =
            "an object with a hash table and a collection in itself, or more than " + MAX_VALUES_WITH_HASHED
                    + " values (each as often as it is referred to),";

    private final List<String> trustedPackages;
    private final boolean trustsAll;
    private final boolean trustsCollections;

    /** @param trustedPackages names of packages, or {@code *} for all */
    public ObjectTrust(List<String> trustedPackages) {
        this.trustedPackages = List.copyOf(trustedPackages);
        trustsAll = trustedPackages.contains("*");
        trustsCollections = trustsAll || trustedPackages.contains("java.util") || trustedPackages.contains("java");
    }

    Serializable deserialize(byte[] serialized) throws JMSException {
        Filter filter = new Filter(serialized.length);
        if (!trustsCollections) checkValues(serialized);
        try (Input in = new Input(serialized, filter)) {
            return (Serializable) in.readObject();
        } catch (InvalidClassException e) {
            throw JmsErrors.withCause(
                    new MessageFormatException(filter.describe(e), ClientError.UNTRUSTED_CLASS.text()), e);
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            throw cannotBeDeserialized(e);
        } catch (InternalError e) { // the JDK's answer to an immutable map whose bytes are damaged
            InvalidObjectException damaged = new InvalidObjectException(e.getMessage());
            damaged.initCause(e);
            throw cannotBeDeserialized(damaged);
        }
    }

    private static void checkValues(byte[] serialized) throws JMSException {
        long values;
        try {
            values = SerializedGraph.parts(serialized, HASHED_COLLECTIONS);
        } catch (IOException | RuntimeException e) {
            throw cannotBeDeserialized(e);
        }
        if (values <= MAX_VALUES_WITH_HASHED) return;
        throw new MessageFormatException(refusal(TOO_MUCH_WITH_HASHED), ClientError.UNTRUSTED_CLASS.text());
    }

    private static JMSException cannotBeDeserialized(Exception e) {
        return JmsErrors.withCause(JmsErrors.messageFormat("the object cannot be deserialized: " + e), e);
    }

    private static String refusal(String refused) {
        return refused + " is not deserialized. If it is to be trusted, name its package in the option trustedPackages";
    }

    /** Decides for one object, and remembers what it has refused. */
    private final class Filter implements ObjectInputFilter {
        private final int bytes;
        private String refused;

        /** @param bytes of the serialized object: no array in it can have more elements */
        Filter(int bytes) {
            this.bytes = bytes;
        }

        @Override
        public Status checkInput(FilterInfo info) {
            if (info.depth() > MAX_DEPTH || info.references() > MAX_REFERENCES || info.arrayLength() > bytes) {
                refused = "an object with more than " + MAX_DEPTH + " levels or " + MAX_REFERENCES + " parts";
                return Status.REJECTED;
            }
            Class<?> type = info.serialClass();
            if (type == null) return Status.UNDECIDED;
            if (!isTrusted(type)) {
                refused = "class " + type.getName();
                return Status.REJECTED;
            }
            return Status.ALLOWED;
        }

        String describe(InvalidClassException e) {
            if (refused == null && e.getMessage() != null && e.getMessage().contains("REJECTED")) {
                return "an object is not deserialized, since the JVM's own filter (jdk.serialFilter) rejects it: "
                        + e.getMessage();
            }
            if (refused == null) return "the object does not fit its class: " + e.getMessage();
            return refusal(refused);
        }
    }

    boolean isTrusted(Class<?> type) {
        while (type.isArray()) type = type.getComponentType();
        if (type.isPrimitive() || trustsAll) return true;
        String name = type.getName();
        if (PLAIN_VALUES.contains(name) || name.startsWith(PLAIN_PACKAGE)) return true;
        if (isCollection(name)) return true;
        for (String trusted : trustedPackages) {
            if (name.startsWith(trusted) && name.length() > trusted.length() && name.charAt(trusted.length()) == '.') {
                return true;
            }
        }
        return false;
    }

    private static boolean isCollection(String name) {
        return COLLECTIONS.contains(name) || HASHED_COLLECTIONS.contains(name) || name.startsWith(RESOLVED_COLLECTION);
    }

    /** Looks for classes where the application has them. */
    private static final class Input extends ObjectInputStream {
        Input(byte[] serialized, Filter filter) throws IOException {
            super(new ByteArrayInputStream(serialized));
            ObjectInputFilter ofTheJvm = ObjectInputFilter.Config.getSerialFilter();
            setObjectInputFilter(ofTheJvm == null ? filter : ObjectInputFilter.merge(filter, ofTheJvm));
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            if (loader != null) {
                try {
                    return Class.forName(description.getName(), false, loader);
                } catch (ClassNotFoundException e) {
                    // the default way may know it, for example when it is primitive
                }
            }
            return super.resolveClass(description);
        }

        @Override
        protected Class<?> resolveProxyClass(String[] interfaces) throws ClassNotFoundException, IOException {
            throw new InvalidClassException(Proxy.class.getName(), "proxies are not deserialized");
        }
    }
}
