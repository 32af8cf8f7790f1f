package org.larchmq.wire;

import java.util.Objects;
import java.util.UUID;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.Compression;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;

/** The frames that are neither hot nor large, as records; each reads top to bottom as it is on the wire. */
public final class Frames {
    private Frames() {}

    /**
     * magic 4, lowest version 2, highest version 2, clientId name, user name, password name, product name,
     * heartbeatMillis 4, connectionId 8, secret 32. An empty clientId or user means none. The first three fields are the
     * same in every version of the protocol.
     *
     * @param heartbeatMillis longest silence the client wants to keep, 0 for no heartbeats
     * @param connectionId    which connection of the application this is, the same again after a reconnect: the broker
     *                        ends an earlier one of the same id, user and secret first; 0 for a client that does not
     *                        reconnect
     * @param secret          the same for all connections with this connectionId; see {@link ClientIdentity}
     */
    public record Hello(
            int lowestVersion,
            int highestVersion,
            String clientId,
            String user,
            String password,
            String product,
            int heartbeatMillis,
            long connectionId,
            ClientSecret secret) {
        public Hello {
            Objects.requireNonNull(secret, "secret");
        }

        /** Makes the HELLO of a client that does not reconnect. */
        public static Hello once(String clientId, String user, String password, String product, int heartbeatMillis) {
            return new Hello(
                    Protocol.LOWEST_VERSION,
                    Protocol.VERSION,
                    clientId,
                    user,
                    password,
                    product,
                    heartbeatMillis,
                    0,
                    ClientSecret.random());
        }

        public void encode(ByteWriter out) {
            int mark = FrameType.HELLO.begin(out);
            out.putInt(Protocol.MAGIC).putShort(lowestVersion).putShort(highestVersion);
            out.putShortString(clientId)
                    .putShortString(user)
                    .putShortString(password)
                    .putShortString(product);
            out.putInt(heartbeatMillis).putLong(connectionId).putBytes(secret.bytes());
            FrameType.end(out, mark);
        }

        /**
         * Reads a HELLO.
         *
         * @throws ProtocolException PROTOCOL when it is none, VERSION when its client speaks other versions only
         */
        public static Hello decode(ByteReader in) {
            if (in.getInt() != Protocol.MAGIC) throw ProtocolException.malformed("this is not the LarchMQ protocol");
            int lowest = in.getUnsignedShort();
            int highest = in.getUnsignedShort();
            Protocol.checkVersions("client", lowest, highest, "broker");
            Hello hello = new Hello(
                    lowest,
                    highest,
                    in.getShortString(),
                    in.getShortString(),
                    in.getShortString(),
                    in.getShortString(),
                    in.getInt(),
                    in.getLong(),
                    ClientSecret.of(in.getBytes(ClientSecret.BYTES)));
            if (hello.heartbeatMillis < 0) throw ProtocolException.malformed("negative heartbeat");
            in.end();
            return hello;
        }

        /** Shows neither the password nor the secret. */
        @Override
        public String toString() {
            return "Hello[clientId=" + clientId + ", user=" + user + ", product=" + product + "]";
        }
    }

    /**
     * version 2, brokerId name, brokerVersion name, storeId 16, maxMessageBytes 4, sendWindowBytes 4, heartbeatMillis 4,
     * position 8, compressions 1. The version comes first in every version of the protocol.
     *
     * @param storeId         names the broker's data for good, over restarts: only the same store can tell what became of
     *                        something that was sent before
     * @param maxMessageBytes largest encoded message the broker takes
     * @param sendWindowBytes unconfirmed bytes of messages the connection may have under way
     * @param heartbeatMillis silence after which either side sends PING, and after three of which it gives up; 0 none
     * @param position        where the broker's log ends: what it stores from now on comes behind; see RESEND
     * @param compressions    how bodies of messages that the client sends may be compressed, a set of {@link Compression}
     */
    public record Welcome(
            int version,
            String brokerId,
            String brokerVersion,
            UUID storeId,
            int maxMessageBytes,
            int sendWindowBytes,
            int heartbeatMillis,
            long position,
            int compressions) {
        public Welcome {
            Objects.requireNonNull(storeId, "storeId");
        }

        public void encode(ByteWriter out) {
            int mark = FrameType.WELCOME.begin(out);
            out.putShort(version).putShortString(brokerId).putShortString(brokerVersion);
            out.putLong(storeId.getMostSignificantBits()).putLong(storeId.getLeastSignificantBits());
            out.putInt(maxMessageBytes)
                    .putInt(sendWindowBytes)
                    .putInt(heartbeatMillis)
                    .putLong(position)
                    .putByte(compressions);
            FrameType.end(out, mark);
        }

        /** Reads a WELCOME. @throws ProtocolException VERSION when the broker speaks another version */
        public static Welcome decode(ByteReader in) {
            int version = in.getUnsignedShort();
            Protocol.checkVersions("broker", version, version, "client");
            Welcome welcome = new Welcome(
                    version,
                    in.getShortString(),
                    in.getShortString(),
                    new UUID(in.getLong(), in.getLong()),
                    in.getInt(),
                    in.getInt(),
                    in.getInt(),
                    in.getLong(),
                    in.getUnsignedByte());
            in.end();
            return welcome;
        }
    }

    /**
     * requestId 4, code 2, text string, value 8, name string.
     *
     * @param value what the request asked for: a destination handle
     * @param name  what the request asked for: a destination name, the result of a command; empty if nothing
     */
    public record Reply(int requestId, ErrorCode code, String text, long value, String name) {
        public void encode(ByteWriter out) {
            int mark = FrameType.REPLY.begin(out);
            out.putInt(requestId)
                    .putShort(code.number())
                    .putString(text)
                    .putLong(value)
                    .putString(name);
            FrameType.end(out, mark);
        }

        public static Reply decode(ByteReader in) {
            Reply reply = new Reply(
                    in.getInt(), ErrorCode.of(in.getUnsignedShort()), in.getString(), in.getLong(), in.getString());
            in.end();
            return reply;
        }

        public static Reply ok(int requestId) {
            return new Reply(requestId, ErrorCode.OK, "", 0, "");
        }

        public static Reply failed(int requestId, ErrorCode code, String text) {
            return new Reply(requestId, code, text, 0, "");
        }
    }

    /**
     * requestId 4, consumerId 4, kind 1, destination name, selector string, flags 1, subscription name, credit 4,
     * creditBytes 4.
     *
     * @param consumerId   chosen by the client, unique on the connection while the consumer lives
     * @param selector     empty for none
     * @param flags        {@link #NO_LOCAL}, {@link #BROWSER}, {@link #DURABLE}, {@link #SHARED}, {@link #UNTRACKED}
     * @param subscription empty for an unshared non-durable one
     * @param credit       messages the broker may send at once; 0 until the connection is started
     * @param creditBytes  bytes of messages the broker may send at once; the last message may exceed it
     */
    public record CreateConsumer(
            int requestId,
            int consumerId,
            DestinationKind kind,
            String destination,
            String selector,
            int flags,
            String subscription,
            int credit,
            int creditBytes) {
        public static final int NO_LOCAL = 1;
        public static final int BROWSER = 2;
        public static final int DURABLE = 4;
        public static final int SHARED = 8;
        /**
         * The messages count as settled when they are sent to the consumer: for non-durable unshared topic subscribers
         * that acknowledge automatically. Such a consumer sends CREDIT but no ACK.
         */
        public static final int UNTRACKED = 16;

        public CreateConsumer {
            Objects.requireNonNull(kind, "kind");
            if (credit < 0 || creditBytes < 0) throw ProtocolException.malformed("negative credit");
        }

        public boolean has(int flag) {
            return (flags & flag) != 0;
        }

        public void encode(ByteWriter out) {
            int mark = FrameType.CREATE_CONSUMER.begin(out);
            out.putInt(requestId).putInt(consumerId).putByte(kind.number()).putShortString(destination);
            out.putString(selector)
                    .putByte(flags)
                    .putShortString(subscription)
                    .putInt(credit)
                    .putInt(creditBytes);
            FrameType.end(out, mark);
        }

        public static CreateConsumer decode(ByteReader in) {
            CreateConsumer frame = new CreateConsumer(
                    in.getInt(),
                    in.getInt(),
                    DestinationKind.of(in.getUnsignedByte()),
                    in.getShortString(),
                    in.getString(),
                    in.getUnsignedByte(),
                    in.getShortString(),
                    in.getInt(),
                    in.getInt());
            in.end();
            return frame;
        }
    }

    /**
     * requestId 4, consumerId 4, lastSeen 8.
     *
     * @param lastSeen delivery sequence of the last message that the application has seen; later ones go back
     *                 without counting as an attempt
     */
    public record CloseConsumer(int requestId, int consumerId, long lastSeen) {
        public void encode(ByteWriter out) {
            int mark = FrameType.CLOSE_CONSUMER.begin(out);
            out.putInt(requestId).putInt(consumerId).putLong(lastSeen);
            FrameType.end(out, mark);
        }

        public static CloseConsumer decode(ByteReader in) {
            CloseConsumer frame = new CloseConsumer(in.getInt(), in.getInt(), in.getLong());
            in.end();
            return frame;
        }
    }

    /** requestId 4, kind 1, name. With a temporary kind and an empty name a new one is made and its name answered. */
    public record OpenDestination(int requestId, DestinationKind kind, String name) {
        public void encode(ByteWriter out) {
            int mark = FrameType.OPEN_DESTINATION.begin(out);
            out.putInt(requestId).putByte(kind.number()).putShortString(name);
            FrameType.end(out, mark);
        }

        public static OpenDestination decode(ByteReader in) {
            OpenDestination frame =
                    new OpenDestination(in.getInt(), DestinationKind.of(in.getUnsignedByte()), in.getShortString());
            in.end();
            return frame;
        }
    }

    /**
     * requestId 4, producerId 8, transactionId 8, sentSince 8: what became of a COMMIT_NAMED whose answer was lost.
     *
     * @param sentSince position of the WELCOME of the connection that it was sent on
     */
    public record TransactionOutcome(int requestId, long producerId, long transactionId, long sentSince) {
        /** REPLY value: it is committed. */
        public static final int COMMITTED = 1;
        /** REPLY value: nothing of it has happened, and nothing will, whatever still arrives. */
        public static final int NOT_COMMITTED = 2;
        /** REPLY value: the broker does not remember. */
        public static final int FORGOTTEN = 3;

        public void encode(ByteWriter out) {
            int mark = FrameType.TRANSACTION_OUTCOME.begin(out);
            out.putInt(requestId).putLong(producerId).putLong(transactionId).putLong(sentSince);
            FrameType.end(out, mark);
        }

        public static TransactionOutcome decode(ByteReader in) {
            TransactionOutcome frame = new TransactionOutcome(in.getInt(), in.getLong(), in.getLong(), in.getLong());
            in.end();
            return frame;
        }
    }

    /**
     * requestId 4, kind 1, name: a temporary destination of this client's earlier connection, which is made again under
     * its name. Answered as OPEN_DESTINATION.
     */
    public record RestoreDestination(int requestId, DestinationKind kind, String name) {
        public void encode(ByteWriter out) {
            int mark = FrameType.RESTORE_DESTINATION.begin(out);
            out.putInt(requestId).putByte(kind.number()).putShortString(name);
            FrameType.end(out, mark);
        }

        public static RestoreDestination decode(ByteReader in) {
            RestoreDestination frame =
                    new RestoreDestination(in.getInt(), DestinationKind.of(in.getUnsignedByte()), in.getShortString());
            in.end();
            return frame;
        }
    }
}
