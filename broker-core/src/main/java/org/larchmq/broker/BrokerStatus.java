package org.larchmq.broker;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.shard.Budget;

/**
 * What a broker is doing, at one moment.
 *
 * @param outputBytes       bytes that wait until clients read them
 * @param unsettledMessages messages that some subscription has not settled, all destinations together
 * @param acceptsMessages   false while the disk is at its high-water mark
 * @param damageCheck       how far the search for damage in the store has come, and what it found
 * @param budgets           what is bounded, and how much of it is used
 */
public record BrokerStatus(
        String version,
        String brokerId,
        long uptimeMillis,
        int port,
        long outputBytes,
        int queues,
        int topics,
        long unsettledMessages,
        long logStartOffset,
        long logEndOffset,
        long logFlushedOffset,
        BrokerSettings.Flush flush,
        boolean acceptsMessages,
        String damageCheck,
        List<Budget> budgets) {
    public BrokerStatus {
        budgets = List.copyOf(budgets);
    }

    /** One "key: value" line each. */
    public String toText() {
        return "version: " + version + "\n"
                + "broker: " + brokerId + "\n"
                + "uptime: " + String.format(Locale.ROOT, "%.1f s", uptimeMillis / 1000.0) + "\n"
                + "port: " + port + "\n"
                + "queues: " + queues + "\n"
                + "topics: " + topics + "\n"
                + "unsettled messages: " + unsettledMessages + "\n"
                + "log bytes: " + (logEndOffset - logStartOffset) + "\n"
                + "log: " + logStartOffset + " to " + logEndOffset + ", flushed to " + logFlushedOffset + "\n"
                + "flush: " + flush.name().toLowerCase(Locale.ROOT) + "\n"
                + "accepts messages: " + (acceptsMessages ? "yes" : "no, the disk is at its high-water mark") + "\n"
                + "damage check: " + damageCheck + "\n"
                + budgets.stream().map(budget -> budget + "\n").collect(Collectors.joining());
    }
}
