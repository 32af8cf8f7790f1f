package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.ConnectionFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Client jars of two releases on one class path. */
class ReleasesTest {
    private static final String RELEASE = "org.larchmq.wire.Release";

    /** Our classes again, with one class of the protocol's jar from another release, or missing there. */
    private static final class TwoReleases extends ClassLoader {
        private final byte[] release;

        TwoReleases(byte[] release) {
            super(TwoReleases.class.getClassLoader());
            this.release = release;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("org.larchmq.")) return super.loadClass(name, resolve);
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            if (name.equals(RELEASE)) {
                if (release == null) throw new ClassNotFoundException(name);
                return defineClass(name, release, 0, release.length);
            }
            try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (file == null) throw new ClassNotFoundException(name);
                byte[] bytes = file.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        ConnectionFactory factory() throws Throwable {
            try {
                return (ConnectionFactory) loadClass("org.larchmq.jms.LarchConnectionFactory")
                        .getConstructor(String.class)
                        .newInstance("tcp://localhost");
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }
    }

    private static byte[] release(String version) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        ByteArrayOutputStream compiled = new ByteArrayOutputStream();
        JavaFileManager files = new ForwardingJavaFileManager<>(compiler.getStandardFileManager(null, null, null)) {
            @Override
            public JavaFileObject getJavaFileForOutput(
                    Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
                return new SimpleJavaFileObject(Path.of("Release.class").toUri(), kind) {
                    @Override
                    public ByteArrayOutputStream openOutputStream() {
                        return compiled;
                    }
                };
            }
        };
        JavaFileObject source =
                new SimpleJavaFileObject(
                        URI.create("string:///org/larchmq/wire/Release.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignored) {
                        return "package org.larchmq.wire; public final class Release {"
                                + " public static final String VERSION = \"" + version + "\"; }";
                    }
                };
        List<String> options = List.of("-proc:none");
        assertThat(compiler.getTask(null, files, null, options, null, List.of(source))
                        .call())
                .isTrue();
        return compiled.toByteArray();
    }

    @Test
    void jarsOfTwoReleasesAreNamedWhenTheFirstFactoryIsMade() {
        assertThatThrownBy(() -> new TwoReleases(release("0.0.9")).factory())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "different releases", "larchmq-jms-provider is 0.1.0", "larchmq-wire is 0.0.9", "one release");
    }

    @Test
    void anOldJarThatDoesNotSayItsReleaseIsNoticed() {
        assertThatThrownBy(() -> new TwoReleases(null).factory())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("different releases");
    }

    @Test
    void jarsOfOneReleaseGoTogether() throws Throwable {
        assertThat(new TwoReleases(release(org.larchmq.wire.Release.VERSION)).factory())
                .isNotNull();
    }
}
