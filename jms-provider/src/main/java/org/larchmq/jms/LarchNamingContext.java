package org.larchmq.jms;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.Context;
import javax.naming.InvalidNameException;
import javax.naming.Name;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NameParser;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.OperationNotSupportedException;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchTopic;
import org.larchmq.jms.options.Nearest;
import org.larchmq.message.Names;
import org.larchmq.message.ProtocolException;

/** The names of one initial context; read-only. */
final class LarchNamingContext implements Context {
    private static final String DYNAMIC_QUEUES = "dynamicQueues/";
    private static final String DYNAMIC_TOPICS = "dynamicTopics/";

    private final Map<String, Object> bindings;
    private final Hashtable<Object, Object> environment;

    LarchNamingContext(Map<String, Object> bindings, Hashtable<?, ?> environment) {
        this.bindings = Collections.unmodifiableMap(bindings);
        this.environment = new Hashtable<>(environment);
    }

    @Override
    public Object lookup(String name) throws NamingException {
        if (name.isEmpty()) return this;
        Object bound = bindings.get(name);
        if (bound != null) return bound;
        if (name.startsWith(DYNAMIC_QUEUES)) return new LarchQueue(physicalName(name, DYNAMIC_QUEUES));
        if (name.startsWith(DYNAMIC_TOPICS)) return new LarchTopic(physicalName(name, DYNAMIC_TOPICS));
        throw new NameNotFoundException("'" + name + "' is not bound, nearest is '"
                + Nearest.to(name, bindings.keySet()) + "'; bound are " + bindings.keySet() + ", "
                + DYNAMIC_QUEUES + "<name> and " + DYNAMIC_TOPICS + "<name>");
    }

    private static String physicalName(String name, String prefix) throws NamingException {
        try {
            return Names.checkName(name.substring(prefix.length()));
        } catch (ProtocolException e) {
            NamingException wrong = new InvalidNameException("'" + name + "': " + e.getMessage());
            wrong.setRootCause(e);
            throw wrong;
        }
    }

    @Override
    public Object lookup(Name name) throws NamingException {
        return lookup(name.toString());
    }

    @Override
    public Object lookupLink(String name) throws NamingException {
        return lookup(name);
    }

    @Override
    public Object lookupLink(Name name) throws NamingException {
        return lookup(name);
    }

    @Override
    public NamingEnumeration<NameClassPair> list(String name) throws NamingException {
        List<NameClassPair> all = new ArrayList<>();
        for (Map.Entry<String, Object> entry : root(name).entrySet()) {
            all.add(new NameClassPair(
                    entry.getKey(), entry.getValue().getClass().getName()));
        }
        return new Listing<>(Collections.enumeration(all));
    }

    @Override
    public NamingEnumeration<Binding> listBindings(String name) throws NamingException {
        List<Binding> all = new ArrayList<>();
        for (Map.Entry<String, Object> entry : root(name).entrySet()) {
            all.add(new Binding(entry.getKey(), entry.getValue()));
        }
        return new Listing<>(Collections.enumeration(all));
    }

    private Map<String, Object> root(String name) throws NamingException {
        if (name.isEmpty()) return bindings;
        throw new NameNotFoundException("'" + name + "' is no context; only the empty name is");
    }

    @Override
    public NamingEnumeration<NameClassPair> list(Name name) throws NamingException {
        return list(name.toString());
    }

    @Override
    public NamingEnumeration<Binding> listBindings(Name name) throws NamingException {
        return listBindings(name.toString());
    }

    private record Listing<T>(Enumeration<T> all) implements NamingEnumeration<T> {
        @Override
        public T next() {
            return all.nextElement();
        }

        @Override
        public boolean hasMore() {
            return all.hasMoreElements();
        }

        @Override
        public boolean hasMoreElements() {
            return all.hasMoreElements();
        }

        @Override
        public T nextElement() {
            return all.nextElement();
        }

        @Override
        public void close() {}
    }

    @Override
    public NameParser getNameParser(String name) {
        return CompositeName::new;
    }

    @Override
    public NameParser getNameParser(Name name) {
        return CompositeName::new;
    }

    @Override
    public String composeName(String name, String prefix) {
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    @Override
    public Name composeName(Name name, Name prefix) throws NamingException {
        return ((Name) prefix.clone()).addAll(name);
    }

    @Override
    public String getNameInNamespace() {
        return "";
    }

    @Override
    public Hashtable<?, ?> getEnvironment() {
        return new Hashtable<>(environment);
    }

    @Override
    public Object addToEnvironment(String name, Object value) {
        return environment.put(name, value);
    }

    @Override
    public Object removeFromEnvironment(String name) {
        return environment.remove(name);
    }

    @Override
    public void close() {}

    // Read-only.

    private static NamingException readOnly() {
        return new OperationNotSupportedException(
                "names are bound in the environment (jndi.properties), and cannot be changed here");
    }

    @Override
    public void bind(Name name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void bind(String name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rebind(Name name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rebind(String name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void unbind(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void unbind(String name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rename(Name from, Name to) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rename(String from, String to) throws NamingException {
        throw readOnly();
    }

    @Override
    public void destroySubcontext(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void destroySubcontext(String name) throws NamingException {
        throw readOnly();
    }

    @Override
    public Context createSubcontext(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public Context createSubcontext(String name) throws NamingException {
        throw readOnly();
    }
}
