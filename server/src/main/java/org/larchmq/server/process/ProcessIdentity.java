package org.larchmq.server.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells a process from a later one with the same number. On Linux by its start in clock ticks since boot, which a change
 * of the clock does not move; elsewhere by its start time.
 */
final class ProcessIdentity {
    /** Field 22 of /proc/PID/stat, counted from behind the command name, which is field 2. */
    private static final int START_FIELD_AFTER_NAME = 22 - 3;

    private ProcessIdentity() {}

    /** Empty when there is no such process. */
    static Optional<String> of(long pid) {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        try {
            String text = Files.readString(stat);
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            boolean isZombie = fields[0].equals("Z");
            return isZombie ? Optional.empty() : Optional.of("ticks-" + fields[START_FIELD_AFTER_NAME]);
        } catch (IOException e) {
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .flatMap(process -> process.info().startInstant())
                    .map(Instant::toString);
        }
    }
}
