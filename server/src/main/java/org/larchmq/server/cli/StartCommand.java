package org.larchmq.server.cli;

import java.util.concurrent.Callable;
import org.larchmq.broker.BrokerStartException;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.server.config.Configuration;
import org.larchmq.server.process.BrokerProcess;
import org.larchmq.server.security.LocalSecret;
import org.larchmq.server.security.PasswordAuthenticator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "start",
        description = {
            "Run a broker in the foreground until SIGTERM or Ctrl-C.",
            "Prints 'LarchMQ ready on tcp://HOST:PORT' when clients can connect. JVM options come from the"
                    + " environment variable LARCHMQ_JAVA_OPTS."
        },
        mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Mixin
    private SettingOptions settings;

    @Override
    public Integer call() {
        Configuration configuration = settings.load();
        data.usable();
        LocalSecret secret = LocalSecret.random();
        try (PasswordAuthenticator authenticator = new PasswordAuthenticator(
                configuration.anonymousAllowed(), secret, configuration.usersFile(data.directory()))) {
            BrokerSettings broker = configuration.brokerSettings(data.directory(), authenticator);
            StartReport.log(configuration, broker, configuration.usersFile(data.directory()));
            return new BrokerProcess(broker, secret.text(), spec.commandLine().getOut()).run();
        } catch (BrokerStartException e) {
            throw new CommandException(ExitCodes.FAILED, e.getMessage(), e);
        }
    }
}
