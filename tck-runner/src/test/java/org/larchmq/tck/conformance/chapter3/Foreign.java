package org.larchmq.tck.conformance.chapter3;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** Messages of another implementation: none of the provider's classes, and not known to it. */
final class Foreign {
    private Foreign() {}

    /** Forwards everything to a message of the provider. */
    static <M extends Message> M of(Class<M> type, M target) {
        return type.cast(Proxy.newProxyInstance(
                Foreign.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    /** Fails whatever is asked of it. */
    static <M extends Message> M unreadable(Class<M> type) {
        return type.cast(Proxy.newProxyInstance(
                Foreign.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) return "unreadable";
                    throw new JMSException("not readable");
                }));
    }
}
