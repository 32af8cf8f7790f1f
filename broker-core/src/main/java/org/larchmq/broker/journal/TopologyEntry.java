package org.larchmq.broker.journal;

import java.util.List;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.DestinationKind;

/** Entries about permanent destinations and durable subscriptions. */
public sealed interface TopologyEntry extends Entry {
    EntryKind DESTINATION_CREATED =
            new EntryKind(8, "DESTINATION_CREATED", "destinationId 4, kind 1, name", DestinationCreated::decode);
    EntryKind DESTINATION_DELETED =
            new EntryKind(9, "DESTINATION_DELETED", "destinationId 4", DestinationDeleted::decode);
    EntryKind SUBSCRIPTION_CREATED = new EntryKind(
            13,
            "SUBSCRIPTION_CREATED",
            "subscriptionId 4, topicId 4, flags 1 (1 shared, 2 no local), clientId name, name, selector string: the"
                    + " durable subscription begins here, at the end of what the topic has",
            SubscriptionCreated::decode);
    EntryKind SUBSCRIPTION_DELETED =
            new EntryKind(14, "SUBSCRIPTION_DELETED", "subscriptionId 4", SubscriptionDeleted::decode);

    List<EntryKind> KINDS =
            List.of(DESTINATION_CREATED, DESTINATION_DELETED, SUBSCRIPTION_CREATED, SUBSCRIPTION_DELETED);

    /** A queue or topic exists from now on. A queue's one subscription has the queue's id. */
    record DestinationCreated(int destinationId, DestinationKind destinationKind, String name)
            implements TopologyEntry {
        @Override
        public EntryKind kind() {
            return DESTINATION_CREATED;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putInt(destinationId).putByte(destinationKind.number()).putShortString(name);
        }

        static DestinationCreated decode(ByteReader in) {
            return new DestinationCreated(in.getInt(), DestinationKind.of(in.getUnsignedByte()), in.getShortString());
        }
    }

    /** A destination is gone, with its messages and subscriptions. */
    record DestinationDeleted(int destinationId) implements TopologyEntry {
        @Override
        public EntryKind kind() {
            return DESTINATION_DELETED;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putInt(destinationId);
        }

        static DestinationDeleted decode(ByteReader in) {
            return new DestinationDeleted(in.getInt());
        }
    }

    /** A topic has a durable subscription from now on: it gets what is stored after this entry. */
    record SubscriptionCreated(int subscriptionId, int topicId, Terms terms) implements TopologyEntry {
        private static final int FLAG_SHARED = 1;
        private static final int FLAG_NO_LOCAL = 2;

        @Override
        public EntryKind kind() {
            return SUBSCRIPTION_CREATED;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putInt(subscriptionId).putInt(topicId);
            out.putByte((terms.shared ? FLAG_SHARED : 0) | (terms.noLocal ? FLAG_NO_LOCAL : 0));
            out.putShortString(terms.clientId).putShortString(terms.name).putString(terms.selector);
        }

        static SubscriptionCreated decode(ByteReader in) {
            int subscriptionId = in.getInt();
            int topicId = in.getInt();
            int flags = in.getByte();
            Terms terms = new Terms(
                    in.getShortString(),
                    in.getShortString(),
                    (flags & FLAG_SHARED) != 0,
                    (flags & FLAG_NO_LOCAL) != 0,
                    in.getString());
            return new SubscriptionCreated(subscriptionId, topicId, terms);
        }
    }

    /**
     * What a durable subscription is.
     *
     * @param clientId empty for a shared one of clients without client id
     * @param noLocal  whether it leaves out what its own client publishes
     * @param selector empty for none
     */
    record Terms(String clientId, String name, boolean shared, boolean noLocal, String selector) {}

    /** A durable subscription is gone, with its messages. */
    record SubscriptionDeleted(int subscriptionId) implements TopologyEntry {
        @Override
        public EntryKind kind() {
            return SUBSCRIPTION_DELETED;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putInt(subscriptionId);
        }

        static SubscriptionDeleted decode(ByteReader in) {
            return new SubscriptionDeleted(in.getInt());
        }
    }
}
