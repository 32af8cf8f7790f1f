package org.larchmq.server.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.settings.BrokerSettings.Flush;
import org.larchmq.server.config.Configuration;
import org.larchmq.server.config.Origin;
import org.larchmq.server.security.Users;
import org.larchmq.server.security.UsersFileException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the log says first: on what the broker runs, where its data is, what a confirmation is worth, who is let in. */
final class StartReport {
    private static final Logger LOG = LoggerFactory.getLogger(StartReport.class);
    private static final String DIRECT_MEMORY = "-XX:MaxDirectMemorySize=";

    private StartReport() {}

    static void log(Configuration configuration, BrokerSettings settings, Path usersFile) {
        logProcess();
        logDurability(settings);
        logUsers(configuration, usersFile);
        LOG.info(
                "Limits: {}",
                text(
                        configuration,
                        value -> value.key().name().startsWith("limits.")
                                || value.key().name().equals("network.maxConnections")));
        String changed = text(configuration, value -> !value.origin().equals(Origin.DEFAULT));
        LOG.info("Settings that are not the defaults: {}", changed.isEmpty() ? "none" : changed);
    }

    private static void logProcess() {
        LOG.info(
                "LarchMQ starts: process {}, Java {} ({}) on {} {}, {} processors, heap up to {} MiB, memory outside of it"
                        + " up to {}",
                ProcessHandle.current().pid(),
                System.getProperty("java.version"),
                System.getProperty("java.vm.name"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory() >> 20,
                directMemory());
    }

    /** The JVM takes as much as for the heap unless it is told otherwise. */
    private static String directMemory() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith(DIRECT_MEMORY))
                .map(argument -> argument.substring(DIRECT_MEMORY.length()))
                .reduce((first, last) -> last)
                .orElse((Runtime.getRuntime().maxMemory() >> 20) + " MiB");
    }

    private static void logDurability(BrokerSettings settings) {
        Path directory = settings.dataDirectory().toAbsolutePath().normalize();
        if (settings.store().flush() == Flush.SYNC) {
            LOG.info(
                    "Data directory {}; a confirmed persistent message survives a loss of power (store.flush=sync)",
                    directory);
        } else {
            LOG.info(
                    "Data directory {}; a confirmed persistent message survives the death of the process, and not a loss"
                            + " of power (store.flush=async, flushed every {} ms)",
                    directory,
                    settings.store().flushIntervalMillis());
        }
    }

    private static void logUsers(Configuration configuration, Path usersFile) {
        int users;
        try {
            users = Users.read(usersFile).byName().size();
        } catch (UsersFileException e) {
            LOG.warn("The users in {} cannot be counted: {}", usersFile, e.toString());
            return;
        }
        if (configuration.anonymousAllowed()) {
            LOG.info(
                    "{} users in {}; clients that give no user name are let in too (security.anonymous=true)",
                    users,
                    usersFile.toAbsolutePath().normalize());
        } else if (users > 0) {
            LOG.info(
                    "{} users in {}; nobody else is let in (security.anonymous=false)",
                    users,
                    usersFile.toAbsolutePath().normalize());
        } else {
            LOG.warn(
                    "Nobody can log in: security.anonymous is false, and there are no users in {}. Remedy: larchmq user add"
                            + " NAME --data DIR, which a running broker takes up",
                    usersFile.toAbsolutePath().normalize());
        }
    }

    private static String text(Configuration configuration, Predicate<Configuration.Value> which) {
        return configuration.values().stream()
                .filter(which)
                .map(value -> value.key().name() + "=" + value.text())
                .collect(Collectors.joining(", "));
    }
}
