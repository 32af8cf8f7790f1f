package org.larchmq.server.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The data directory of a broker. */
final class DataOption {
    @Option(names = "--data", paramLabel = "DIR", required = true, description = "The broker's data directory.")
    private Path directory;

    Path directory() {
        return directory;
    }

    /** @throws CommandException unless a broker has used it */
    Path existing() {
        if (!Files.isDirectory(directory)) {
            throw new CommandException(ExitCodes.FAILED, "there is no directory " + directory);
        }
        return directory;
    }
}
