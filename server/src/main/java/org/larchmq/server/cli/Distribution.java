package org.larchmq.server.cli;

import java.nio.file.Path;
import java.util.Optional;

/** Where the distribution is installed, as {@code bin/larchmq} says. */
final class Distribution {
    private Distribution() {}

    /** Empty when this process was not started by {@code bin/larchmq}. */
    static Optional<Path> home() {
        return Optional.ofNullable(System.getProperty("larchmq.home")).map(Path::of);
    }
}
