package org.larchmq.server.process;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** The process of a broker on a disk that is smaller than its memory. Arguments: data directory, capacity in bytes. */
public final class SmallDiskMain {
    private SmallDiskMain() {}

    public static void main(String[] arguments) throws Exception {
        long capacityBytes = Long.parseLong(arguments[1]);
        BrokerSettings settings = BrokerSettings.defaults(Path.of(arguments[0]));
        settings = settings.with(settings.network().withPort(0));
        BrokerProcess process = new BrokerProcess(
                settings,
                "",
                new PrintWriter(System.out),
                (with, starting) -> Broker.startInMemory(with, capacityBytes));
        System.exit(process.run());
    }
}
