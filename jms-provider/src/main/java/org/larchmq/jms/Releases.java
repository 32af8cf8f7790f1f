package org.larchmq.jms;

import org.larchmq.wire.Protocol;
import org.larchmq.wire.Release;

/**
 * Compares this jar with the one of the protocol (larchmq-wire) when they are loaded. Jars of two releases on one class
 * path would fail anywhere, with errors that say nothing of the cause.
 */
final class Releases {
    /** What the compiler has put in here. */
    private static final String COMPILED_WITH = text(Release.VERSION, Protocol.VERSION);

    private static final String MISMATCH = mismatch();

    private Releases() {}

    /**
     * Returns what it is given.
     *
     * @throws IllegalStateException when the jars are of different releases
     */
    static <T> T checked(T any) {
        if (MISMATCH != null) throw new IllegalStateException(MISMATCH);
        return any;
    }

    private static String mismatch() {
        String loaded = loaded();
        if (loaded.equals(COMPILED_WITH)) return null;
        return "the client's jars are of different releases: larchmq-jms-provider is " + COMPILED_WITH
                + ", larchmq-wire is " + loaded + "; put jars of one release on the class path";
    }

    private static String loaded() {
        try {
            ClassLoader loader = Releases.class.getClassLoader();
            Class<?> release = Class.forName("org.larchmq.wire.Release", true, loader);
            Class<?> protocol = Class.forName("org.larchmq.wire.Protocol", true, loader);
            return text(
                    (String) release.getField("VERSION").get(null),
                    protocol.getField("VERSION").getInt(null));
        } catch (ReflectiveOperationException | LinkageError e) {
            return "of another release, which does not say which";
        }
    }

    private static String text(String release, int protocolVersion) {
        return release + " (protocol " + protocolVersion + ")";
    }
}
