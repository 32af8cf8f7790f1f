package org.larchmq.wire;

/**
 * Which release this jar belongs to. A constant: whoever is compiled against it keeps the value of that time, and can
 * compare it with the one that is loaded.
 */
public final class Release {
    /** As in the pom. */
    public static final String VERSION = "0.1.0-SNAPSHOT";

    private Release() {}
}
