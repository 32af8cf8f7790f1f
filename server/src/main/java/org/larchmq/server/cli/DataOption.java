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

    /** @throws CommandException when a file is where it should be, or where one above it should be */
    Path usable() {
        checkNoFile(directory);
        return directory;
    }

    /** @throws CommandException when a file is where the directory should be, or where one above it should be */
    static void checkNoFile(Path directory) {
        for (Path path = directory.toAbsolutePath().normalize(); path != null; path = path.getParent()) {
            if (!Files.exists(path) || Files.isDirectory(path)) continue;
            throw new CommandException(
                    ExitCodes.USAGE,
                    "%s cannot be the data directory: %s is a file. Remedy: choose another directory with --data, or move the file away"
                            .formatted(directory, path));
        }
    }

    /** @throws CommandException unless a broker has used it */
    Path existing() {
        checkNoFile(directory);
        if (!Files.isDirectory(directory)) {
            throw new CommandException(
                    ExitCodes.FAILED,
                    "there is no directory " + directory
                            + ". Remedy: give the directory that 'larchmq start' was given");
        }
        return directory;
    }
}
