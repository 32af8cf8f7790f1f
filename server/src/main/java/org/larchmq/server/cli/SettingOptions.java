package org.larchmq.server.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.larchmq.server.config.Configuration;
import org.larchmq.server.config.Configuration.Given;
import org.larchmq.server.config.Origin;
import picocli.CommandLine.Option;

/** The options by which settings are given, shared by the commands that need settings. */
final class SettingOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration file; conf/larchmq.yaml of the distribution if not given.")
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting, such as store.flush=async; may be repeated.")
    private List<String> settings = List.of();

    @Option(names = "--port", paramLabel = "N", description = "Short for --set network.port=N; 0 takes any free one.")
    private String port;

    @Option(names = "--host", paramLabel = "H", description = "Short for --set network.host=H.")
    private String host;

    Configuration load() {
        List<Given> given = new ArrayList<>();
        for (String setting : settings) given.add(Given.parse(setting));
        if (host != null) given.add(new Given("network.host", host, Origin.option("--host")));
        if (port != null) given.add(new Given("network.port", port, Origin.option("--port")));
        return Configuration.load(configurationFile(), System.getenv(), given);
    }

    private Optional<Path> configurationFile() {
        if (file != null) return Optional.of(file);
        return Distribution.home()
                .map(home -> home.resolve("conf/larchmq.yaml"))
                .filter(Files::exists);
    }
}
