package org.larchmq.broker.shard;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.larchmq.broker.delivery.Consumer;
import org.larchmq.broker.delivery.Feed;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;

/**
 * Says what clients have made, page by page: a line each, its fields {@code name=value} with tabs between them. The first
 * field is {@code id}; the next page begins behind the id of the last line. Shard thread only.
 */
final class Listings {
    /** Lines of a page at most. */
    static final int PAGE_LINES = 200;
    /** A page is closed when it has so many bytes. */
    private static final int PAGE_BYTES = 128 * 1024;

    private static final long SUBSCRIPTIONS_PER_TOPIC = 1L << 31;

    private final Shard shard;
    private final ShardState state;

    /** @param isLast whether nothing comes behind it */
    record Page(String lines, boolean isLast) {}

    Listings(Shard shard) {
        this.shard = shard;
        this.state = shard.state();
    }

    Page queues(long after) {
        return destinations(after, destination -> !destination.isTopic(), this::describeQueue);
    }

    Page topics(long after) {
        return destinations(after, Destination::isTopic, this::describeTopic);
    }

    private Page destinations(long after, Predicate<Destination> which, Function<Destination, String> describe) {
        List<Destination> next = smallest(state.destinations(), Destination::id, after, which);
        return page(next, describe);
    }

    private String describeQueue(Destination queue) {
        Line line = new Line(queue.id()).with("name", queue.name());
        line.with("temporary", queue.kind().isTemporary());
        line.with("unsettled", queue.unsettledMessages());
        line.with("delayed", queue.delayedMessages());
        return line.with("consumers", consumers(queue.onlySubscription())).toString();
    }

    private String describeTopic(Destination topic) {
        Line line = new Line(topic.id()).with("name", topic.name());
        line.with("temporary", topic.kind().isTemporary());
        line.with("unsettled", topic.unsettledMessages());
        line.with("delayed", topic.delayedMessages());
        return line.with("subscriptions", topic.subscriptions().size()).toString();
    }

    /** Of topics. The id is the topic's, and which of its subscriptions it is. */
    Page subscriptions(long after) {
        long topicId = after < 0 ? -1 : after / SUBSCRIPTIONS_PER_TOPIC - 1;
        List<Destination> topics = smallest(
                state.destinations(),
                Destination::id,
                topicId,
                destination ->
                        destination.isTopic() && !destination.subscriptions().isEmpty());
        Lines lines = new Lines();
        for (Destination topic : topics) {
            List<Subscription> all = topic.subscriptions();
            long base = topic.id() * SUBSCRIPTIONS_PER_TOPIC;
            for (int i = (int) Math.max(0, after + 1 - base); i < all.size(); i++) {
                if (!lines.add(describe(base + i, all.get(i)))) return lines.page(false);
            }
        }
        return lines.page(topics.size() < PAGE_LINES);
    }

    private String describe(long id, Subscription subscription) {
        var terms = subscription.terms();
        Line line = new Line(id).with("topic", subscription.destination().name());
        line.with("name", terms.name());
        line.with("client", terms.name().isEmpty() ? "" : terms.owner());
        line.with("durable", terms.durable());
        line.with("shared", terms.shared());
        line.with("unsettled", subscription.unsettled());
        line.with("consumers", consumers(subscription));
        return line.with("selector", terms.selector()).toString();
    }

    private static int consumers(Subscription subscription) {
        return subscription.listener() instanceof Feed feed ? feed.consumers() : 0;
    }

    Page connections(long after) {
        return page(smallest(shard.connections(), ClientConnection::number, after, connection -> true), this::describe);
    }

    private String describe(ClientConnection connection) {
        Line line = new Line(connection.number());
        line.with("client", connection.clientId());
        line.with("user", connection.user());
        line.with("from", connection.toString());
        line.with("consumers", connection.consumers().size());
        line.with("browsers", connection.browsers().size());
        line.with("transactions", connection.transactions().size());
        line.with("staged", connection.staged().messages());
        return line.with("temporary", connection.temporary().size()).toString();
    }

    /** The id is the connection's, and the consumer's on it. */
    Page consumers(long after) {
        long connectionNumber = after < 0 ? -1 : (after >> 32) - 1;
        List<ClientConnection> connections = smallest(
                shard.connections(),
                ClientConnection::number,
                connectionNumber,
                connection -> !connection.consumers().isEmpty());
        Lines lines = new Lines();
        for (ClientConnection connection : connections) {
            List<Consumer> next = smallest(
                    connection.consumers().values(),
                    consumer -> idOf(connection, consumer),
                    after,
                    consumer -> !consumer.isClosed());
            for (Consumer consumer : next) {
                if (!lines.add(describe(connection, consumer))) return lines.page(false);
            }
            if (next.size() == PAGE_LINES) return lines.page(false);
        }
        return lines.page(connections.size() < PAGE_LINES);
    }

    private static long idOf(ClientConnection connection, Consumer consumer) {
        return connection.number() << 32 | Integer.toUnsignedLong(consumer.id());
    }

    private String describe(ClientConnection connection, Consumer consumer) {
        Subscription subscription = consumer.feed().subscription();
        Destination destination = subscription.destination();
        String selector = consumer.selectorText();
        Line line = new Line(idOf(connection, consumer));
        line.with(destination.isTopic() ? "topic" : "queue", destination.name());
        line.with("client", connection.clientId());
        line.with("user", connection.user());
        line.with("connection", connection.number());
        line.with("held", consumer.heldMessages());
        return line.with("selector", selector.isEmpty() ? subscription.terms().selector() : selector)
                .toString();
    }

    // ---- pages

    private static <T> Page page(List<T> next, Function<T, String> describe) {
        Lines lines = new Lines();
        for (T item : next) if (!lines.add(describe.apply(item))) return lines.page(false);
        return lines.page(next.size() < PAGE_LINES);
    }

    /** The first of those that come behind an id, as many as fit on a page. */
    private static <T> List<T> smallest(Iterable<T> all, ToLongFunction<T> id, long after, Predicate<T> which) {
        PriorityQueue<T> smallest =
                new PriorityQueue<>(Comparator.comparingLong(id).reversed());
        for (T item : all) {
            if (id.applyAsLong(item) <= after || !which.test(item)) continue;
            if (smallest.size() == PAGE_LINES) {
                if (id.applyAsLong(smallest.peek()) <= id.applyAsLong(item)) continue;
                smallest.poll();
            }
            smallest.add(item);
        }
        List<T> ascending = new ArrayList<>(smallest);
        ascending.sort(Comparator.comparingLong(id));
        return ascending;
    }

    private static final class Lines {
        private final StringBuilder text = new StringBuilder();
        private int bytes;
        private int count;

        /** False when it does not fit on the page. */
        boolean add(String line) {
            int size = line.getBytes(StandardCharsets.UTF_8).length + 1;
            if (count == PAGE_LINES || count > 0 && bytes + size > PAGE_BYTES) return false;
            text.append(line).append('\n');
            bytes += size;
            count++;
            return true;
        }

        Page page(boolean isLast) {
            return new Page(text.toString(), isLast);
        }
    }

    /** Without what separates fields and lines. */
    static String printable(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            shown.append(Character.isISOControl(c) ? ' ' : c);
        }
        return shown.toString();
    }

    private static final class Line {
        private final StringBuilder text = new StringBuilder("id=");

        Line(long id) {
            text.append(id);
        }

        /** Names have no control characters; a selector may. */
        Line with(String name, Object value) {
            text.append('\t').append(name).append('=').append(printable(value.toString()));
            return this;
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
