package org.larchmq.jms;

import java.util.Enumeration;
import java.util.Hashtable;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.NamingException;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchTopic;
import org.larchmq.jms.options.Option;
import org.larchmq.message.Names;
import org.larchmq.message.ProtocolException;

/**
 * Makes connection factories, queues and topics of the references that stand for them in a directory or in a server's
 * configuration. A reference to a connection factory has the address {@code uri}, and one per option that is not part of
 * the URI ({@code user}, {@code password}, {@code prefetch} …, see {@link Option}); one to a queue or topic has
 * {@code physicalName} or, as other providers call it, {@code address}.
 *
 * <pre>
 * &lt;Resource name="jms/factory" type="org.larchmq.jms.LarchConnectionFactory"
 *           factory="org.larchmq.jms.LarchObjectFactory" uri="tcp://localhost:5680" user="me" password="…"/&gt;
 * &lt;Resource name="jms/orders" type="org.larchmq.jms.message.LarchQueue"
 *           factory="org.larchmq.jms.LarchObjectFactory" physicalName="orders"/&gt;
 * </pre>
 *
 * Types may also be written as interfaces: {@code jakarta.jms.ConnectionFactory}, {@code QueueConnectionFactory},
 * {@code TopicConnectionFactory}, the same with XA in front, {@code Queue} and {@code Topic}. Stateless.
 */
public class LarchObjectFactory implements ObjectFactory {
    static final String URI = "uri";
    private static final String BROKER_URL = "brokerURL";
    private static final String ADDRESS = "address";
    private static final String API = "jakarta.jms.";

    /**
     * @return null when the object is no reference to one of ours, as the interface asks
     * @throws NamingException saying which address of the reference is wrong or missing, and why
     */
    @Override
    public Object getObjectInstance(Object object, Name name, Context context, Hashtable<?, ?> environment)
            throws NamingException {
        if (!(object instanceof Reference reference)) return null;
        String type = reference.getClassName();
        if (isFactory(type)) return factory(reference, type);
        if (type.equals(LarchQueue.class.getName()) || type.equals(API + "Queue")) {
            return new LarchQueue(physicalName(reference));
        }
        if (type.equals(LarchTopic.class.getName()) || type.equals(API + "Topic")) {
            return new LarchTopic(physicalName(reference));
        }
        return null;
    }

    private static boolean isFactory(String type) {
        return isXaFactory(type)
                || type.equals(LarchConnectionFactory.class.getName())
                || type.equals(API + "ConnectionFactory")
                || type.equals(API + "QueueConnectionFactory")
                || type.equals(API + "TopicConnectionFactory");
    }

    private static boolean isXaFactory(String type) {
        return type.equals(LarchXAConnectionFactory.class.getName())
                || type.equals(API + "XAConnectionFactory")
                || type.equals(API + "XAQueueConnectionFactory")
                || type.equals(API + "XATopicConnectionFactory");
    }

    private static LarchConnectionFactory factory(Reference reference, String type) throws NamingException {
        Map<String, String> texts = texts(reference);
        String uri = texts.getOrDefault(URI, texts.get(BROKER_URL));
        LarchConnectionFactory factory =
                isXaFactory(type) ? new LarchXAConnectionFactory() : new LarchConnectionFactory();
        String address = URI;
        try {
            if (uri != null) factory.setUri(uri);
            for (Option option : Option.values()) {
                for (String name : option.names()) {
                    address = name;
                    if (texts.containsKey(name)) factory.set(option, texts.get(name));
                }
            }
            return factory;
        } catch (IllegalArgumentException e) {
            throw wrong(type, "address '" + address + "': " + e.getMessage(), e);
        }
    }

    private static String physicalName(Reference reference) throws NamingException {
        Map<String, String> texts = texts(reference);
        String name = texts.getOrDefault(LarchDestination.PHYSICAL_NAME, texts.get(ADDRESS));
        if (name == null) {
            throw wrong(
                    reference.getClassName(),
                    "the address '" + LarchDestination.PHYSICAL_NAME + "' is missing; there are " + texts.keySet(),
                    null);
        }
        try {
            return Names.checkName(name);
        } catch (ProtocolException e) {
            throw wrong(
                    reference.getClassName(), "address '" + LarchDestination.PHYSICAL_NAME + "': " + e.getMessage(), e);
        }
    }

    private static Map<String, String> texts(Reference reference) {
        Map<String, String> texts = new TreeMap<>();
        for (Enumeration<RefAddr> all = reference.getAll(); all.hasMoreElements(); ) {
            RefAddr address = all.nextElement();
            if (address.getContent() instanceof String text) texts.put(address.getType(), text);
        }
        return texts;
    }

    private static NamingException wrong(String type, String what, Exception cause) {
        NamingException e = new ConfigurationException("reference to a " + type + ": " + what);
        e.setRootCause(cause);
        return e;
    }
}
