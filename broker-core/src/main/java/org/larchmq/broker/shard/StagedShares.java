package org.larchmq.broker.shard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.larchmq.broker.settings.BrokerSettings;

/**
 * Counts what transactions have staged that are not decided, prepared branches included: all together, of each user, of
 * each connection. Each has its share, so that one client cannot use up what all have together: the log, its heads and
 * the memory keep what is staged. Shard thread only.
 *
 * <p>A message counts from {@link #staged} until the log says how its transaction has ended, whichever way that comes
 * about ({@link #ended}).
 */
final class StagedShares {
    /** How many of the largest transactions all, a user and a connection may have staged. */
    static final int OF_ALL = 10, OF_USER = 5, OF_CONNECTION = 2;

    private final BrokerSettings.Limits limits;
    private final Share all = new Share();
    private final Map<String, Share> ofUsers = new HashMap<>();
    private final Map<Long, List<Part>> open = new HashMap<>();
    private Part last;

    /** What somebody has staged. */
    static final class Share {
        private long messages;
        private long bytes;
        private String refusal; // null: it has changed since the last

        long messages() {
            return messages;
        }

        /** Encoded, with the bodies of large messages. */
        long bytes() {
            return bytes;
        }

        private void add(long moreMessages, long moreBytes) {
            messages += moreMessages;
            bytes += moreBytes;
            refusal = null;
        }
    }

    /** What one connection has staged for one transaction. */
    private static final class Part {
        final long transactionId;
        final String user;
        final Share ofUser;
        final Share ofConnection;
        final Share own = new Share();

        Part(long transactionId, String user, Share ofUser, Share ofConnection) {
            this.transactionId = transactionId;
            this.user = user;
            this.ofUser = ofUser;
            this.ofConnection = ofConnection;
        }
    }

    StagedShares(BrokerSettings.Limits limits) {
        this.limits = limits;
    }

    /** Null when a connection may stage so much more; otherwise what is wrong. */
    String over(ClientConnection connection, int messages, long bytes) {
        Share share = connection.staged();
        if (!fits(share, OF_CONNECTION, messages, bytes)) {
            return text("the open transactions of this connection", share, OF_CONNECTION);
        }
        String user = connection.user();
        if (!user.isEmpty()) {
            Share ofUser = last != null && last.user.equals(user) ? last.ofUser : ofUsers.get(user);
            if (ofUser != null && !fits(ofUser, OF_USER, messages, bytes)) {
                return text("the open transactions of user '" + user + "'", ofUser, OF_USER);
            }
        }
        return fits(all, OF_ALL, messages, bytes) ? null : text("all open transactions together", all, OF_ALL);
    }

    private boolean fits(Share share, int transactions, int messages, long bytes) {
        return share.messages + messages <= mostMessages(transactions)
                && share.bytes + bytes <= mostBytes(transactions);
    }

    /** Made once for all messages that are refused one after the other. */
    private static String text(String whose, Share share, int transactions) {
        if (share.refusal != null) return share.refusal;
        return share.refusal =
                whose + " have " + share.messages + " messages of " + share.bytes + " bytes; at most " + transactions
                        + " times limits.maxTransactionMessages and limits.maxTransaction are taken; commit or roll back some,"
                        + " or raise these limits";
    }

    /** Of so many of the largest transactions. */
    long mostMessages(int transactions) {
        return (long) transactions * limits.maxTransactionMessages();
    }

    /** Of so many of the largest transactions. */
    long mostBytes(int transactions) {
        return transactions * limits.maxTransactionBytes();
    }

    /** A connection stages messages for a transaction. To be called before they are written. */
    void staged(ClientConnection connection, long transactionId, int messages, long bytes) {
        add(part(transactionId, connection.user(), connection.staged()), messages, bytes);
    }

    /** A prepared branch was found by recovery: its connection is no more. */
    void recovered(long transactionId, String user, int messages, long bytes) {
        add(part(transactionId, user, new Share()), messages, bytes);
    }

    private void add(Part part, int messages, long bytes) {
        part.own.add(messages, bytes);
        part.ofConnection.add(messages, bytes);
        part.ofUser.add(messages, bytes);
        all.add(messages, bytes);
    }

    private Part part(long transactionId, String user, Share ofConnection) {
        if (last != null && last.transactionId == transactionId && last.ofConnection == ofConnection) return last;
        List<Part> parts = open.computeIfAbsent(transactionId, id -> new ArrayList<>(1));
        for (Part part : parts) {
            if (part.ofConnection == ofConnection) return last = part;
        }
        Share ofUser = ofUsers.computeIfAbsent(user, name -> new Share());
        last = new Part(transactionId, user, ofUser, ofConnection);
        parts.add(last);
        return last;
    }

    /** The log says that a transaction is committed or rolled back. */
    void ended(long transactionId) {
        if (open.isEmpty()) return;
        List<Part> parts = open.remove(transactionId);
        if (parts == null) return;
        for (Part part : parts) {
            long messages = part.own.messages;
            long bytes = part.own.bytes;
            part.ofConnection.add(-messages, -bytes);
            part.ofUser.add(-messages, -bytes);
            all.add(-messages, -bytes);
            if (part.ofUser.messages == 0) ofUsers.remove(part.user, part.ofUser);
        }
        last = null;
    }

    Share all() {
        return all;
    }

    /** The one that has most messages; one without any when nobody has. */
    Share largestOfAUser() {
        return largest(ofUsers.entrySet().stream()
                .filter(user -> !user.getKey().isEmpty())
                .map(Map.Entry::getValue)
                .toList());
    }

    /** The one that has most messages, of those given; one without any for none. */
    static Share largest(Iterable<Share> shares) {
        Share largest = new Share();
        for (Share share : shares) if (share.messages > largest.messages) largest = share;
        return largest;
    }
}
