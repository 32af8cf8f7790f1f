package org.larchmq.server.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.larchmq.broker.settings.Authenticator;
import org.larchmq.server.config.Configuration;
import org.larchmq.server.config.Configuration.Value;
import org.larchmq.server.config.SettingDocs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "config",
        description = "Show the value of every setting and where it comes from, after checking all of them.",
        mixinStandardHelpOptions = true)
final class ConfigCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private SettingOptions settings;

    @Option(names = "--template", description = "Print a commented configuration file with the defaults instead.")
    private boolean template;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (template) out.print(SettingDocs.commentedFile());
        else print(settings.load(), out);
        out.flush();
        return ExitCodes.OK;
    }

    private static void print(Configuration configuration, PrintWriter out) {
        configuration.brokerSettings(Path.of(""), Authenticator.anonymousOnly()); // checks the ranges
        for (Value value : configuration.values()) {
            out.printf("%-33s %-12s %s%n", value.key().name(), value.text(), value.origin());
        }
    }
}
