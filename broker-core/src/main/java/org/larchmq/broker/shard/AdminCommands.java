package org.larchmq.broker.shard;

import org.larchmq.broker.settings.Authenticator;
import org.larchmq.broker.shard.ClientRequests.Administration;
import org.larchmq.broker.state.Destination;
import org.larchmq.message.BranchId;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;

/**
 * The administrative commands that the frame ADMIN carries. Listings are for every client that has logged in, what
 * removes or decides is for the operator. Shard thread only.
 */
final class AdminCommands {
    private static final int ANSWERED = 0, MORE_FOLLOWS = 1;

    private final Shard shard;
    private final Listings listings;
    private final Administration administration;

    /** @param administration knows what the shard does not */
    AdminCommands(Shard shard, Administration administration) {
        this.shard = shard;
        this.listings = new Listings(shard);
        this.administration = administration;
    }

    /** Answers now or, when something is to be stored, later. */
    void run(ClientConnection connection, int requestId, String command) {
        try {
            String verb = command.contains(" ") ? command.substring(0, command.indexOf(' ')) : command;
            String rest = command.substring(verb.length()).stripLeading();
            switch (verb) {
                case "queues" -> answer(connection, requestId, listings.queues(after(rest)));
                case "topics" -> answer(connection, requestId, listings.topics(after(rest)));
                case "subscriptions" -> answer(connection, requestId, listings.subscriptions(after(rest)));
                case "consumers" -> answer(connection, requestId, listings.consumers(after(rest)));
                case "connections" -> answer(connection, requestId, listings.connections(after(rest)));
                case "messages" -> messages(connection, requestId, rest);
                case "space" -> shard.spaceReport().answer(connection, requestId);
                case "destination" -> deleteDestination(connection, requestId, rest);
                case "subscription" -> deleteSubscription(connection, requestId, rest);
                case "transactions" -> branches(connection, requestId, rest);
                default -> other(connection, requestId, command);
            }
        } catch (ProtocolException e) {
            connection.link().reply(requestId, e.code(), e.getMessage(), 0, "");
        } catch (IllegalArgumentException e) {
            connection.link().reply(requestId, ErrorCode.ILLEGAL_STATE, e.getMessage(), 0, "");
        }
    }

    private void other(ClientConnection connection, int requestId, String command) {
        String result = administration.run(command);
        if (result == null) throw unknown(command);
        connection.link().reply(requestId, ErrorCode.OK, "", ANSWERED, result);
    }

    private static ProtocolException unknown(String command) {
        return new ProtocolException(
                ErrorCode.UNSUPPORTED,
                "there is no administrative command '" + command
                        + "'; there are: status, space, queues, messages, topics,"
                        + " subscriptions, consumers, connections, destination delete, subscription delete,"
                        + " transactions list, commit, rollback and forget");
    }

    private static void requireOperator(ClientConnection connection) {
        if (connection.user().equals(Authenticator.OPERATOR)) return;
        throw new ProtocolException(
                ErrorCode.AUTHORIZATION,
                "only the operator of the broker, who can read its data directory, may do this");
    }

    // ---- listings

    private static long after(String id) {
        if (id.isEmpty()) return -1;
        try {
            return Long.parseLong(id);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a page begins behind an id of the page before, '" + id + "' is none");
        }
    }

    private static void answer(ClientConnection connection, int requestId, Listings.Page page) {
        int more = page.isLast() ? ANSWERED : MORE_FOLLOWS;
        connection.link().reply(requestId, ErrorCode.OK, "", more, page.lines());
    }

    /** Operands: "begin" or an id to begin behind, a tab, the queue's name. */
    private void messages(ClientConnection connection, int requestId, String rest) {
        requireOperator(connection);
        String[] operands = rest.split("\t", 2);
        if (operands.length != 2) throw unknown("messages " + rest);
        answer(connection, requestId, MessageListing.page(shard, operands[1], operands[0]));
    }

    // ---- removing

    private void deleteDestination(ClientConnection connection, int requestId, String rest) {
        requireOperator(connection);
        boolean isTopic = rest.startsWith("delete topic ");
        if (!isTopic && !rest.startsWith("delete queue ")) throw unknown("destination " + rest);
        String name = rest.substring("delete queue ".length());
        Destination destination = shard.state().find(isTopic, name);
        if (destination == null) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION, "there is no " + (isTopic ? "topic" : "queue") + " '" + name + "'");
        }
        shard.destinations().checkUnused(destination);
        shard.deleteDestination(destination);
        shard.replyWhenCommitted(connection, requestId);
    }

    private void deleteSubscription(ClientConnection connection, int requestId, String rest) {
        requireOperator(connection);
        if (!rest.startsWith("delete ")) throw unknown("subscription " + rest);
        String[] names = rest.substring("delete ".length()).split("\t", 2);
        shard.subscriptions().unsubscribe(names.length == 2 ? names[1] : "", names[0]);
        shard.replyWhenCommitted(connection, requestId);
    }

    // ---- branches of distributed transactions

    private void branches(ClientConnection connection, int requestId, String rest) {
        requireOperator(connection);
        String[] words = rest.split(" ");
        Branches branches = shard.branches();
        if (words.length == 1 && words[0].equals("list")) {
            connection.link().reply(requestId, ErrorCode.OK, "", ANSWERED, branches.describe());
        } else if (words.length == 2 && (words[0].equals("commit") || words[0].equals("rollback"))) {
            branches.decide(connection, requestId, BranchId.parse(words[1]), words[0].equals("commit"));
        } else if (words.length == 2 && words[0].equals("forget")) {
            branches.forget(connection, requestId, BranchId.parse(words[1]));
        } else {
            throw unknown("transactions " + rest);
        }
    }
}
