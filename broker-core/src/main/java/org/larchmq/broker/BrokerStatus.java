package org.larchmq.broker;

import java.util.Locale;
import org.larchmq.broker.settings.BrokerSettings;

/**
 * What a broker is doing, at one moment.
 *
 * @param maxConnections    by the settings, and by what the process may have open
 * @param outputBytes       bytes that wait until clients read them
 * @param maxOutputBytes    from which on clients that do not read get nothing more
 * @param unsettledMessages messages that some subscription has not settled, all destinations together
 * @param acceptsMessages   false while the disk is at its high-water mark
 * @param damageCheck       how far the search for damage in the store has come, and what it found
 */
public record BrokerStatus(
        String version,
        String brokerId,
        long uptimeMillis,
        int port,
        int connections,
        int maxConnections,
        long outputBytes,
        long maxOutputBytes,
        int queues,
        int topics,
        long unsettledMessages,
        long memoryUsedBytes,
        long logStartOffset,
        long logEndOffset,
        long logFlushedOffset,
        BrokerSettings.Flush flush,
        boolean acceptsMessages,
        String damageCheck) {

    /** One "key: value" line each. */
    public String toText() {
        return "version: " + version + "\n"
                + "broker: " + brokerId + "\n"
                + "uptime: " + String.format(Locale.ROOT, "%.1f s", uptimeMillis / 1000.0) + "\n"
                + "port: " + port + "\n"
                + "connections: " + connections + " of " + maxConnections + "\n"
                + "output not read: " + outputBytes + " of " + maxOutputBytes + " bytes\n"
                + "queues: " + queues + "\n"
                + "topics: " + topics + "\n"
                + "unsettled messages: " + unsettledMessages + "\n"
                + "messages in memory: " + memoryUsedBytes + " bytes\n"
                + "log: " + logStartOffset + " to " + logEndOffset + ", flushed to " + logFlushedOffset + "\n"
                + "flush: " + flush.name().toLowerCase(Locale.ROOT) + "\n"
                + "accepts messages: " + (acceptsMessages ? "yes" : "no, the disk is at its high-water mark") + "\n"
                + "damage check: " + damageCheck + "\n";
    }
}
