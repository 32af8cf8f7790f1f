package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.larchmq.broker.delivery.Browser;
import org.larchmq.broker.delivery.Consumer;
import org.larchmq.broker.delivery.Settling;
import org.larchmq.broker.selector.Selector;
import org.larchmq.broker.selector.SelectorSyntaxException;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteReader;
import org.larchmq.message.Compression;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.AckFrame;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.SendLargeFrame;
import org.larchmq.wire.XaFrames;

/**
 * Reads a logged-in client's frames and has the shard do what they ask. What cannot be done is answered; what breaks the
 * protocol is thrown, and ends the connection. Shard thread only; the bytes are not kept.
 */
public final class ClientRequests {
    /** Messages of a frame that are taken before the time is looked at. */
    private static final int MESSAGES_AT_ONCE = 32;

    private final Shard shard;
    private final AdminCommands administration;
    private final ByteReader in = new ByteReader();
    private final InFrame inFrame = new InFrame();
    private final Set<Integer> groupsOfFrame = new HashSet<>();

    /** Answers administrative commands about what is around the shard. */
    public interface Administration {
        /** Null when there is no such command. */
        String run(String command);
    }

    public ClientRequests(Shard shard, Administration administration) {
        this.shard = shard;
        this.administration = new AdminCommands(shard, administration);
    }

    /**
     * Does what a frame asks, all of it.
     *
     * @param frame body between {@code from} and {@code to}
     * @throws ProtocolException when the peer broke the protocol
     */
    public void handle(ClientConnection connection, FrameType type, ByteBuffer frame, int from, int to) {
        handle(connection, type, frame, from, to, Turn.ENDLESS);
    }

    /**
     * Does what a frame asks, or a part of it: messages of a long SEND frame that have no time any more are taken in
     * another turn, when this is called again with the same frame.
     *
     * @return whether the frame is done
     * @throws ProtocolException when the peer broke the protocol
     */
    public boolean handle(ClientConnection connection, FrameType type, ByteBuffer frame, int from, int to, Turn turn) {
        if (shard.isDown()) throw new ProtocolException(ErrorCode.STOPPING, "the broker is stopping");
        if (connection.isClosed()) throw new ProtocolException(ErrorCode.PROTOCOL, type + " after the end");
        in.reset(frame, from, to);
        long logEnd = shard.log().endOffset();
        boolean done = true;
        if (type == FrameType.SEND) done = send(connection, from, turn);
        else handle(connection, type);
        long grownBytes = shard.log().endOffset() - logEnd;
        if (grownBytes > 0) shard.appended(connection, grownBytes);
        return done;
    }

    private void handle(ClientConnection connection, FrameType type) {
        switch (type) {
            case RESEND -> resend(connection);
            case PART -> part(connection);
            case SEND_LARGE -> sendLarge(connection);
            case ACK -> acknowledge(connection);
            case CREDIT -> credit(connection);
            case COMMIT -> commit(connection, null);
            case COMMIT_NAMED -> commitNamed(connection);
            case TRANSACTION_OUTCOME -> outcome(connection, Frames.TransactionOutcome.decode(in));
            case RETURN -> giveBack(connection);
            case CREATE_CONSUMER -> createConsumer(connection, Frames.CreateConsumer.decode(in));
            case CLOSE_CONSUMER -> closeConsumer(connection, Frames.CloseConsumer.decode(in));
            case OPEN_DESTINATION -> openDestination(connection, Frames.OpenDestination.decode(in));
            case RESTORE_DESTINATION -> restoreDestination(connection, Frames.RestoreDestination.decode(in));
            case DELETE_DESTINATION -> deleteDestination(connection);
            case ROLLBACK -> rollback(connection);
            case DRAIN -> drain(connection);
            case ASK -> ask(connection);
            case BROWSE -> browse(connection);
            case UNSUBSCRIBE -> unsubscribe(connection);
            case ADMIN -> administer(connection);
            case XA_START, XA_END, XA_PREPARE, XA_COMMIT, XA_ROLLBACK, XA_FORGET -> branch(connection, type);
            case XA_RECOVER -> recover(connection);
            case SEEN -> seen(connection);
            case PRODUCER -> declareProducer(connection);
            case PRODUCER_CLOSED -> closeProducer(connection);
            case CLOSE -> shard.closeInOrder(connection, in.getInt());
            default ->
                throw new ProtocolException(ErrorCode.PROTOCOL, "frame " + type + " is not expected from a client");
        }
    }

    // ---- sending

    /** False when some messages are left for another turn. */
    private boolean send(ClientConnection connection, int from, Turn turn) {
        long sendSequence = in.getLong();
        long transactionId = in.getLong();
        int count = in.getCount(8);
        int first = connection.takenOfFrame();
        if (first > 0) in.skip(connection.takenUpTo() - (in.position() - from));
        connection.frameTaken(0, 0);
        for (int i = first; i < count; i++) {
            if (i > first && i % MESSAGES_AT_ONCE == 0 && turn.isOver()) {
                connection.frameTaken(i, in.position() - from);
                return false;
            }
            int handle = in.getInt();
            int size = in.getSize();
            int at = in.position();
            in.skip(size);
            ByteBuffer buffer = in.buffer();
            MessageLayout.check(buffer, at, size);
            checkClaims(connection, buffer, at);
            if (transactionId == 0) shard.send(connection, sendSequence + i, handle, buffer, at, size);
            else shard.stage(connection, sendSequence + i, transactionId, handle, buffer, at, size);
        }
        in.end();
        return true;
    }

    /** What a message says of itself and its producer, and can be checked. */
    private static void checkClaims(ClientConnection connection, ByteBuffer buffer, int at) {
        checkCompression(connection, buffer, at);
        if (MessageLayout.isTracked(buffer, at)) connection.checkProducer(MessageLayout.producerId(buffer, at));
        TagClaim.check(buffer, at);
    }

    /** The client was told what is permitted, so that anything else breaks the protocol. */
    private static void checkCompression(ClientConnection connection, ByteBuffer buffer, int at) {
        if (!MessageLayout.isCompressed(buffer, at)) return;
        Compression compression = MessageLayout.compression(buffer, at);
        if (compression.isIn(connection.compressions())) return;
        throw new ProtocolException(
                ErrorCode.UNSUPPORTED,
                "a message is compressed with " + compression.text() + "; on this connection is permitted: "
                        + Compression.text(connection.compressions()) + " (network.compression)");
    }

    private void part(ClientConnection connection) {
        int bodyAt = in.getInt();
        int size = in.getSize();
        int at = in.position();
        in.skip(size);
        in.end();
        shard.part(connection, bodyAt, in.buffer(), at, size);
    }

    private void sendLarge(ClientConnection connection) {
        long sendSequence = in.getLong();
        long transactionId = in.getLong();
        long sentSince = in.getLong();
        int handle = in.getInt();
        int size = in.getSize();
        int at = in.position();
        in.skip(size);
        in.end();
        MessageLayout.checkHead(in.buffer(), at, size);
        checkClaims(connection, in.buffer(), at);
        if (sentSince != SendLargeFrame.NOT_SENT_BEFORE)
            connection.checkProducer(MessageLayout.producerId(in.buffer(), at));
        if (MessageLayout.bodyAt(in.buffer(), at) != at + size || size > Protocol.LARGE_MESSAGE_BYTES) {
            throw ProtocolException.malformed("the head of a large message has " + size + " bytes");
        }
        shard.sendLarge(connection, sendSequence, transactionId, sentSince, handle, in.buffer(), at, size);
    }

    private void resend(ClientConnection connection) {
        long sendSequence = in.getLong();
        long sentSince = in.getLong();
        int count = in.getCount(8);
        for (int i = 0; i < count; i++, sendSequence++) {
            int handle = in.getInt();
            int size = in.getSize();
            int at = in.position();
            in.skip(size);
            MessageLayout.check(in.buffer(), at, size);
            checkClaims(connection, in.buffer(), at);
            connection.checkProducer(MessageLayout.producerId(in.buffer(), at));
            shard.resend(connection, sendSequence, sentSince, handle, in.buffer(), at, size);
        }
        in.end();
    }

    private void commitNamed(ClientConnection connection) {
        long producerId = in.getLong();
        connection.checkProducer(producerId);
        commit(connection, producerId);
    }

    private void outcome(ClientConnection connection, Frames.TransactionOutcome asked) {
        connection.checkProducer(asked.producerId());
        shard.outcome(connection, asked);
    }

    private void commit(ClientConnection connection, Long namedBy) {
        int requestId = in.getInt();
        long transactionId = in.getLong();
        Settling settling = shard.newSettling();
        readAcknowledged(settling, connection);
        int count = in.getCount(8);
        inFrame.reset(connection, in, count);
        in.end();
        ErrorCode wrong = inFrame.firstError();
        if (wrong != null) {
            shard.rollback(connection, transactionId);
            connection.link().reply(requestId, wrong, inFrame.errorText(), 0, "");
            return;
        }
        shard.commit(connection, requestId, transactionId, namedBy, settling, inFrame);
    }

    /** The messages of a COMMIT frame, checked before any is stored. */
    private final class InFrame implements TransactionMessages {
        private ByteBuffer buffer;
        private int from;
        private int count;
        private long bytes;
        private ErrorCode error;
        private String errorText;

        void reset(ClientConnection connection, ByteReader frame, int messages) {
            buffer = frame.buffer();
            from = frame.position();
            count = messages;
            bytes = 0;
            error = null;
            for (int i = 0; i < messages; i++) {
                int handle = frame.getInt();
                int size = frame.getSize();
                int at = frame.position();
                frame.skip(size);
                MessageLayout.check(buffer, at, size);
                checkClaims(connection, buffer, at);
                bytes += size;
                if (error == null) check(connection, handle, at, size);
            }
        }

        private void check(ClientConnection connection, int handle, int at, int size) {
            if (shard.destination(connection, handle) == null) {
                error = ErrorCode.INVALID_DESTINATION;
                errorText =
                        "a destination of the transaction does not exist any more, or was not opened on this connection";
            } else if (size > shard.maxWholeMessageBytes()) {
                error = ErrorCode.MESSAGE_TOO_LARGE;
                errorText = shard.tooLargeText(size);
            }
        }

        ErrorCode firstError() {
            return error;
        }

        String errorText() {
            return errorText;
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public void forEach(Visitor visitor) {
            int at = from;
            for (int i = 0; i < count; i++) {
                int handle = buffer.getInt(at);
                int size = buffer.getInt(at + 4);
                visitor.message(handle, buffer, at + 8, size);
                at += 8 + size;
            }
        }
    }

    /** What the client sends as from now on. */
    private void declareProducer(ClientConnection connection) {
        int index = in.getInt();
        in.end();
        connection.declareProducer(index);
    }

    private void closeProducer(ClientConnection connection) {
        int index = in.getInt();
        in.end();
        connection.producerClosed(index);
    }

    // ---- distributed transactions

    private void branch(ClientConnection connection, FrameType type) {
        int requestId = in.getInt();
        BranchId id = BranchId.decode(in);
        Branches branches = shard.branches();
        switch (type) {
            case XA_START -> startBranch(connection, requestId, id);
            case XA_END -> endBranch(connection, requestId, id);
            case XA_COMMIT -> {
                boolean onePhase = (in.getByte() & XaFrames.ONE_PHASE) != 0;
                in.end();
                branches.commit(connection, requestId, id, onePhase);
            }
            default -> {
                in.end();
                if (type == FrameType.XA_PREPARE) branches.prepare(connection, requestId, id);
                else if (type == FrameType.XA_ROLLBACK) branches.rollback(connection, requestId, id);
                else branches.forget(connection, requestId, id);
            }
        }
    }

    private void startBranch(ClientConnection connection, int requestId, BranchId id) {
        boolean join = (in.getByte() & XaFrames.JOIN) != 0;
        long transactionId = in.getLong();
        int timeoutMillis = in.getInt();
        in.end();
        if (timeoutMillis < 0) throw new ProtocolException(ErrorCode.PROTOCOL, "negative timeout");
        shard.branches().start(connection, requestId, id, join, transactionId, timeoutMillis);
    }

    private void endBranch(ClientConnection connection, int requestId, BranchId id) {
        int flags = in.getByte();
        Settling settling = shard.newSettling();
        readAcknowledged(settling, connection);
        inFrame.reset(connection, in, in.getCount(8));
        in.end();
        shard.branches()
                .end(connection, requestId, id, flags, settling, inFrame, inFrame.firstError(), inFrame.errorText());
        shard.forgetEmptyHanded(connection);
    }

    private void recover(ClientConnection connection) {
        int requestId = in.getInt();
        long after = in.getLong();
        in.end();
        shard.branches().recover(connection, requestId, after);
    }

    private void rollback(ClientConnection connection) {
        int requestId = in.getInt();
        shard.rollback(connection, in.getLong());
        in.end();
        connection.link().reply(requestId, ErrorCode.OK, "", 0, "");
    }

    // ---- settling

    private void acknowledge(ClientConnection connection) {
        int requestId = in.getInt();
        in.getByte();
        Settling settling = shard.newSettling();
        readAcknowledged(settling, connection);
        in.end();
        shard.acknowledge(connection, requestId, settling);
    }

    /** What the application is handed next. */
    private void seen(ClientConnection connection) {
        Consumer consumer = connection.consumer(in.getInt());
        handed(consumer, in.getLong());
        in.end();
    }

    private static void handed(Consumer consumer, long lastSeen) {
        if (lastSeen < 0) throw new ProtocolException(ErrorCode.PROTOCOL, "delivery " + lastSeen + " cannot be seen");
        if (consumer != null) consumer.handed(lastSeen);
    }

    private void readAcknowledged(Settling settling, ClientConnection connection) {
        int groups = in.getUnsignedShort();
        groupsOfFrame.clear();
        for (int g = 0; g < groups; g++) {
            Consumer consumer = group(connection, groups);
            handed(consumer, in.getLong());
            int ranges = in.getCount(AckFrame.RANGE_BYTES);
            long end = 0;
            for (int r = 0; r < ranges; r++) {
                long from = in.getLong();
                end = rangeEnd(from, end);
                if (consumer != null) settling.acknowledge(consumer, from, (int) (end - from));
            }
        }
    }

    /**
     * The consumer of the next group, null when there is none. Each has one group in a frame, and its ranges ascend, so
     * that a frame asks for nothing twice: what it costs is bounded by what its consumers hold.
     */
    private Consumer group(ClientConnection connection, int groups) {
        int consumerId = in.getInt();
        if (groups > 1 && !groupsOfFrame.add(consumerId)) {
            throw new ProtocolException(ErrorCode.PROTOCOL, "two groups of consumer " + consumerId + " in a frame");
        }
        return connection.consumer(consumerId);
    }

    /** @return behind the last delivery of the range */
    private long rangeEnd(long from, long endBefore) {
        int messages = in.getInt();
        if (from < 1 || messages < 1 || from > Long.MAX_VALUE - messages) {
            throw new ProtocolException(ErrorCode.PROTOCOL, "a range of " + messages + " deliveries from " + from);
        }
        if (from < endBefore) {
            throw new ProtocolException(
                    ErrorCode.PROTOCOL,
                    "ranges of deliveries are to be ascending, and one begins at " + from + " where the one before ends"
                            + " at " + endBefore);
        }
        return from + messages;
    }

    private void giveBack(ClientConnection connection) {
        int requestId = in.getInt();
        int flags = in.getByte();
        boolean seen = (flags & AckFrame.SEEN) != 0;
        int groups = in.getUnsignedShort();
        groupsOfFrame.clear();
        for (int g = 0; g < groups; g++) {
            Consumer consumer = group(connection, groups);
            handed(consumer, in.getLong());
            int given = 0;
            int ranges = in.getCount(AckFrame.RANGE_BYTES);
            long end = 0;
            for (int r = 0; r < ranges; r++) {
                long from = in.getLong();
                end = rangeEnd(from, end);
                if (consumer != null) given += shard.giveBack(consumer, from, (int) (end - from), seen);
            }
            if (consumer != null && (flags & AckFrame.RECALLED) != 0)
                consumer.feed().recallAnswered(consumer, given > 0);
        }
        in.end();
        shard.givenBack(connection, requestId);
    }

    // ---- consumers

    private void createConsumer(ClientConnection connection, Frames.CreateConsumer frame) {
        try {
            long before = shard.log().endOffset();
            checkNewConsumer(connection, frame.consumerId());
            Selector selector = selector(connection, frame);
            Destination destination = consumable(connection, frame);
            if (frame.has(Frames.CreateConsumer.BROWSER)) {
                addBrowser(connection, frame.consumerId(), selector, destination);
            } else {
                addConsumer(connection, frame, selector, destination);
            }
            if (selector != null)
                shard.selectorTexts()
                        .add(connection, frame.consumerId(), frame.selector().length());
            boolean durable = frame.has(Frames.CreateConsumer.DURABLE) && destination.isTopic();
            if (durable && shard.log().endOffset() != before) shard.replyWhenCommitted(connection, frame.requestId());
            else connection.link().reply(frame.requestId(), ErrorCode.OK, "", 0, "");
            shard.scheduleCycle();
        } catch (ProtocolException e) {
            connection.link().reply(frame.requestId(), e.code(), e.getMessage(), 0, "");
        }
    }

    private void checkNewConsumer(ClientConnection connection, int consumerId) {
        if (connection.consumer(consumerId) != null || connection.browsers().containsKey(consumerId)) {
            throw new ProtocolException(ErrorCode.ILLEGAL_STATE, "consumer id " + consumerId + " is in use");
        }
        int most = shard.settings().limits().maxConsumersPerConnection();
        if (connection.consumers().size() + connection.browsers().size() >= most) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_REACHED,
                    "the connection has " + most + " consumers, which is limits.maxConsumersPerConnection");
        }
    }

    private Destination consumable(ClientConnection connection, Frames.CreateConsumer frame) {
        Destination destination = shard.destinations().open(frame.kind(), frame.destination());
        if (destination.kind().isTemporary() && destination.owner() != connection) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION, "only the connection that made " + destination + " may consume it");
        }
        return destination;
    }

    private void addBrowser(ClientConnection connection, int id, Selector selector, Destination destination) {
        if (destination.isTopic()) {
            throw new ProtocolException(ErrorCode.INVALID_DESTINATION, destination + " cannot be browsed, only queues");
        }
        connection.browsers().put(id, shard.newBrowser(connection, id, selector, destination.onlySubscription()));
    }

    private void browse(ClientConnection connection) {
        int requestId = in.getInt();
        Browser browser = connection.browsers().get(in.getInt());
        int messages = in.getInt();
        int bytes = in.getInt();
        in.end();
        if (messages < 1 || bytes < 1) throw new ProtocolException(ErrorCode.PROTOCOL, "a request for nothing");
        if (browser == null) {
            connection.link().reply(requestId, ErrorCode.CONSUMER_UNKNOWN, "the browser is closed", 0, "");
            return;
        }
        if (browser.isGone()) {
            connection.link().reply(requestId, ErrorCode.INVALID_DESTINATION, "the queue was deleted", 0, "");
            return;
        }
        boolean more = browser.browse(messages, bytes) || !connection.link().isWritable();
        if (more) connection.link().replyWhenDelivered(requestId);
        else connection.link().reply(requestId, ErrorCode.OK, "", 1, "");
    }

    private void addConsumer(
            ClientConnection connection, Frames.CreateConsumer frame, Selector selector, Destination destination) {
        boolean isTopic = destination.isTopic();
        Subscription subscription =
                isTopic ? shard.subscriptions().open(connection, destination, frame) : destination.onlySubscription();
        Consumer consumer = new Consumer(
                frame.consumerId(),
                connection.link(),
                isTopic ? null : selector,
                subscription.terms().name().isEmpty() && isTopic && frame.has(Frames.CreateConsumer.UNTRACKED),
                shard.settings().limits().maxUnsettledPerConsumer());
        consumer.addCredit(frame.credit(), frame.creditBytes());
        shard.feed(subscription).attach(consumer);
        connection.consumers().put(frame.consumerId(), consumer);
    }

    private void unsubscribe(ClientConnection connection) {
        int requestId = in.getInt();
        String name = in.getShortString();
        in.end();
        try {
            shard.subscriptions().unsubscribe(connection, name);
            shard.replyWhenCommitted(connection, requestId);
        } catch (ProtocolException e) {
            connection.link().reply(requestId, e.code(), e.getMessage(), 0, "");
        }
    }

    /** Null for none. */
    private Selector selector(ClientConnection connection, Frames.CreateConsumer frame) {
        if (frame.selector().isBlank()) return null;
        shard.selectorTexts().check(connection, frame.selector().length());
        try {
            return shard.selectors().parse(frame.selector());
        } catch (SelectorSyntaxException e) {
            throw new ProtocolException(ErrorCode.INVALID_SELECTOR, e.getMessage());
        }
    }

    private void closeConsumer(ClientConnection connection, Frames.CloseConsumer frame) {
        connection.browsers().remove(frame.consumerId());
        shard.selectorTexts().remove(connection, frame.consumerId());
        Consumer consumer = connection.consumer(frame.consumerId());
        if (consumer == null || consumer.isClosed()) {
            connection.link().reply(frame.requestId(), ErrorCode.OK, "", 0, "");
        } else {
            shard.closeConsumer(connection, frame.requestId(), consumer, frame.lastSeen());
        }
    }

    private void credit(ClientConnection connection) {
        Consumer consumer = connection.consumer(in.getInt());
        int messages = in.getInt();
        int bytes = in.getInt();
        in.end();
        if (messages < 0 || bytes < 0) throw new ProtocolException(ErrorCode.PROTOCOL, "negative credit");
        if (consumer == null || consumer.isClosed()) return;
        consumer.addCredit(messages, bytes);
        consumer.feed().consumerReady();
        shard.scheduleCycle();
    }

    private void ask(ClientConnection connection) {
        Consumer consumer = connection.consumer(in.getInt());
        in.end();
        if (consumer == null || consumer.isClosed()) return;
        consumer.feed().ask(consumer);
        shard.scheduleCycle();
    }

    private void drain(ClientConnection connection) {
        int requestId = in.getInt();
        Consumer consumer = connection.consumer(in.getInt());
        boolean revoke = (in.getByte() & 1) != 0;
        in.end();
        if (consumer == null) {
            connection.link().replyWhenDelivered(requestId);
            return;
        }
        shard.drain(connection, consumer, () -> {
            if (revoke) consumer.revokeCredit();
            connection.link().replyWhenDelivered(requestId);
        });
    }

    // ---- destinations and the rest

    private void openDestination(ClientConnection connection, Frames.OpenDestination frame) {
        try {
            DestinationKind kind = frame.kind();
            Destination destination = kind.isTemporary() && frame.name().isEmpty()
                    ? shard.destinations().createTemporary(kind, connection)
                    : shard.destinations().open(kind, frame.name());
            connection.opened(destination, shard::exists);
            connection.link().reply(frame.requestId(), ErrorCode.OK, "", destination.id(), destination.name());
            shard.scheduleCycle();
        } catch (ProtocolException e) {
            connection.link().reply(frame.requestId(), e.code(), e.getMessage(), 0, "");
        }
    }

    private void restoreDestination(ClientConnection connection, Frames.RestoreDestination frame) {
        try {
            Destination destination = shard.destinations().restoreTemporary(frame.kind(), frame.name(), connection);
            connection.opened(destination, shard::exists);
            connection.link().reply(frame.requestId(), ErrorCode.OK, "", destination.id(), destination.name());
            shard.scheduleCycle();
        } catch (ProtocolException e) {
            connection.link().reply(frame.requestId(), e.code(), e.getMessage(), 0, "");
        }
    }

    private void deleteDestination(ClientConnection connection) {
        int requestId = in.getInt();
        int handle = in.getInt();
        in.end();
        Destination destination = shard.destination(connection, handle);
        if (destination == null) {
            boolean isGone = !shard.exists(handle);
            if (isGone) connection.link().reply(requestId, ErrorCode.OK, "", 0, "");
            else connection.link().reply(requestId, ErrorCode.INVALID_DESTINATION, Shard.NOT_OPENED_TEXT, 0, "");
            return;
        }
        try {
            if (destination.kind().isTemporary()) {
                deleteTemporary(connection, destination);
                connection.link().reply(requestId, ErrorCode.OK, "", 0, "");
            } else {
                shard.destinations().checkUnused(destination);
                shard.destinations().checkEmpty(destination);
                shard.checkNotOpenElsewhere(connection, destination);
                shard.deleteDestination(destination);
                shard.replyWhenCommitted(connection, requestId);
            }
        } catch (ProtocolException e) {
            connection.link().reply(requestId, e.code(), e.getMessage(), 0, "");
        }
    }

    private void deleteTemporary(ClientConnection connection, Destination destination) {
        if (destination.owner() != connection) {
            throw new ProtocolException(
                    ErrorCode.ILLEGAL_STATE, "only the connection that made a temporary destination can delete it");
        }
        boolean inUse = connection.consumers().values().stream()
                .anyMatch(consumer ->
                        !consumer.isClosed() && consumer.feed().subscription().destination() == destination);
        if (inUse) {
            throw new ProtocolException(ErrorCode.DESTINATION_IN_USE, destination + " still has a consumer");
        }
        connection.temporary().remove(destination);
        shard.destinations().deleteTemporary(destination);
    }

    private void administer(ClientConnection connection) {
        int requestId = in.getInt();
        String command = in.getShortString();
        in.end();
        administration.run(connection, requestId, command);
    }
}
