package org.larchmq.broker.shard;

import java.util.List;
import org.larchmq.broker.delivery.Dispatcher;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.ShardState;

/** Says how much of its budgets a shard has used. Shard thread only. */
final class Budgets {
    private Budgets() {}

    static List<Budget> of(Shard shard, Dispatcher dispatcher) {
        ShardState state = shard.state();
        BrokerSettings.Limits limits = shard.settings().limits();
        int destinations = 0;
        int temporary = 0;
        for (Destination destination : state.destinations()) {
            destinations++;
            if (destination.kind().isTemporary()) temporary++;
        }
        long uploads = 0;
        for (ClientConnection connection : shard.connections()) {
            LargeUpload upload = connection.upload();
            if (upload != null && upload.holdsLog()) uploads++;
        }
        StagedShares shares = shard.shares();
        StagedShares.Share ofUser = shares.largestOfAUser();
        StagedShares.Share ofConnection = StagedShares.largest(
                shard.connections().stream().map(ClientConnection::staged).toList());
        return List.of(
                new Budget("destinations", destinations, limits.maxDestinations(), "", "limits.maxDestinations"),
                new Budget(
                        "temporary destinations",
                        temporary,
                        limits.maxDestinations(),
                        "",
                        "limits.maxDestinations, a connection 1/10 and a user 1/2 of it"),
                new Budget(
                        "messages in memory",
                        state.budget().usedBytes(),
                        limits.memoryBudgetBytes(),
                        "bytes",
                        "limits.memoryBudget, a queue or topic 1/4 of it, beyond that through the log"),
                new Budget(
                        "messages in open transactions",
                        shares.all().messages(),
                        shares.mostMessages(StagedShares.OF_ALL),
                        "",
                        "10 x limits.maxTransactionMessages"),
                new Budget(
                        "bytes in open transactions",
                        shares.all().bytes(),
                        shares.mostBytes(StagedShares.OF_ALL),
                        "bytes",
                        "10 x limits.maxTransaction"),
                new Budget(
                        "messages in open transactions of one user",
                        ofUser.messages(),
                        shares.mostMessages(StagedShares.OF_USER),
                        "",
                        "5 x limits.maxTransactionMessages, the user who has most"),
                new Budget(
                        "messages in open transactions of one connection",
                        ofConnection.messages(),
                        shares.mostMessages(StagedShares.OF_CONNECTION),
                        "",
                        "2 x limits.maxTransactionMessages, the connection that has most"),
                new Budget(
                        "branches of distributed transactions",
                        shard.branches().count(),
                        Branches.MOST_BRANCHES,
                        "",
                        ""),
                new Budget(
                        "large messages arrived in part",
                        uploads,
                        shard.connections().size(),
                        "",
                        "one of each connection"),
                new Budget(
                        "selectors of open consumers",
                        shard.selectorTexts().all(),
                        SelectorTexts.MOST_OF_ALL,
                        "characters",
                        "a connection 1/10 of it"),
                new Budget(
                        "selector work of this turn",
                        dispatcher.workOfThisTurn(),
                        Dispatcher.MOST_WORK,
                        "units",
                        "the rest waits for the next turn"),
                new Budget(
                        "bytes of the batch that is not written",
                        shard.uncommittedBytes(),
                        Shard.BATCH_BYTES,
                        "bytes",
                        "beyond it connections that add much wait for its flush"),
                new Budget(
                        "subscriptions that wait for a turn",
                        dispatcher.waitingFeeds(),
                        destinations,
                        "",
                        "those that want much share " + Dispatcher.SHARED_NANOS / 1000 + " us of each turn"));
    }
}
