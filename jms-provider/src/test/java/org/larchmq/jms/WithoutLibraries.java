package org.larchmq.jms;

import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.io.InputStream;

/** Our classes a second time, as an application sees them that has not got the libraries for compression. */
final class WithoutLibraries extends ClassLoader {
    WithoutLibraries() {
        super(WithoutLibraries.class.getClassLoader());
    }

    ConnectionFactory factory(String uri) throws ReflectiveOperationException {
        return (ConnectionFactory) loadClass("org.larchmq.jms.LarchConnectionFactory")
                .getConstructor(String.class)
                .newInstance(uri);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (name.startsWith("net.jpountz.") || name.startsWith("com.github.luben.")) {
            throw new ClassNotFoundException(name);
        }
        if (!name.startsWith("org.larchmq.")) return super.loadClass(name, resolve);
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) throw new ClassNotFoundException(name);
            byte[] bytes = file.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
