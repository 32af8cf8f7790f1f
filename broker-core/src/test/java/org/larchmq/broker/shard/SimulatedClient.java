package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.larchmq.broker.delivery.ClientLink;
import org.larchmq.broker.delivery.LargeBodies;
import org.larchmq.broker.state.Destination;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.wire.ClientIdentity;
import org.larchmq.wire.ClientSecret;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.SendLargeFrame;
import org.larchmq.wire.XaFrames;

/** A client without a network: writes real frames to a shard, and sees answers when the shard flushes them. */
final class SimulatedClient implements ClientLink {
    /** What was delivered. */
    record Delivery(
            int consumerId,
            long sequence,
            boolean redelivered,
            int count,
            long producerId,
            long messageSequence,
            byte[] body,
            Origin origin,
            long deliveryTimeMillis) {}

    private final Shard shard;
    /** As the broker said it last, 0 when it never did. */
    int sendWindowBytes;
    /** Whether the broker wants to do nothing more for this client for now. */
    boolean isHeld;

    private final ClientRequests requests;
    private final ClientIdentity identity;
    final ClientConnection connection;
    private final List<Runnable> collected = new ArrayList<>();
    private final Map<Integer, Consumer<Frames.Reply>> waiting = new HashMap<>();
    private final Map<Long, Consumer<ErrorCode>> sends = new HashMap<>();
    final List<Delivery> deliveries = new ArrayList<>();
    Consumer<Delivery> onDelivery = deliveries::add;
    /** Runs while the broker hands out a message to this client. */
    Runnable whileGiven = () -> {};

    final List<String> events = new ArrayList<>();
    final List<String> sendFailures = new ArrayList<>();
    private boolean touched;
    private boolean opensItself;
    private boolean gone;
    private int nextRequest = 1;
    private long nextSend = 1;

    SimulatedClient(Shard shard, ClientRequests requests, String user, String clientId) {
        this(shard, requests, new ClientIdentity(user, ClientSecret.random()), user, clientId);
    }

    SimulatedClient(Shard shard, ClientRequests requests, ClientIdentity identity, String user, String clientId) {
        this.shard = shard;
        this.requests = requests;
        this.identity = identity;
        this.connection = shard.connected(this, identity, user, "simulated", clientId);
    }

    /** Names that only this client can use. */
    ClientIdentity identity() {
        return identity;
    }

    // ---- requests

    void open(DestinationKind kind, String name, Consumer<Frames.Reply> then) {
        frame(out -> new Frames.OpenDestination(request(then), kind, name).encode(out));
    }

    void restore(DestinationKind kind, String name, Consumer<Frames.Reply> then) {
        frame(out -> new Frames.RestoreDestination(request(then), kind, name).encode(out));
    }

    /** The handle of a queue; the shard answers at once. */
    int queue(String name) {
        return handle(DestinationKind.QUEUE, name);
    }

    int handle(DestinationKind kind, String name) {
        int[] handle = new int[1];
        open(kind, name, reply -> handle[0] = (int) reply.value());
        flush();
        return handle[0];
    }

    void consume(
            int consumerId,
            DestinationKind kind,
            String name,
            String selector,
            int credit,
            Consumer<Frames.Reply> then) {
        consume(consumerId, kind, name, selector, credit, 0, then);
    }

    void consume(
            int consumerId,
            DestinationKind kind,
            String name,
            String selector,
            int credit,
            int flags,
            Consumer<Frames.Reply> then) {
        frame(out -> new Frames.CreateConsumer(
                        request(then), consumerId, kind, name, selector, flags, "", credit, Integer.MAX_VALUE)
                .encode(out));
    }

    /** A consumer of a topic with flags of CreateConsumer and the name of its subscription. */
    void subscribe(
            int consumerId,
            String topic,
            String name,
            int flags,
            String selector,
            int credit,
            Consumer<Frames.Reply> then) {
        frame(out -> new Frames.CreateConsumer(
                        request(then),
                        consumerId,
                        DestinationKind.TOPIC,
                        topic,
                        selector,
                        flags,
                        name,
                        credit,
                        Integer.MAX_VALUE)
                .encode(out));
    }

    void subscribeTo(
            DestinationKind kind, int consumerId, String topic, String name, int flags, Consumer<Frames.Reply> then) {
        frame(out -> new Frames.CreateConsumer(request(then), consumerId, kind, topic, "", flags, name, 1, 1000)
                .encode(out));
    }

    void unsubscribe(String name, Consumer<Frames.Reply> then) {
        frame(out -> {
            int mark = FrameType.UNSUBSCRIBE.begin(out);
            out.putInt(request(then)).putShortString(name);
            FrameType.end(out, mark);
        });
    }

    void administer(String command, Consumer<Frames.Reply> then) {
        frame(out -> {
            int mark = FrameType.ADMIN.begin(out);
            out.putInt(request(then)).putShortString(command);
            FrameType.end(out, mark);
        });
    }

    void delete(int handle, Consumer<Frames.Reply> then) {
        frame(out -> {
            int mark = FrameType.DELETE_DESTINATION.begin(out);
            out.putInt(request(then)).putInt(handle);
            FrameType.end(out, mark);
        });
    }

    void closeConsumer(int consumerId, long lastSeen, Consumer<Frames.Reply> then) {
        frame(out -> new Frames.CloseConsumer(request(then), consumerId, lastSeen).encode(out));
    }

    void credit(int consumerId, int messages) {
        frame(out -> {
            int mark = FrameType.CREDIT.begin(out);
            out.putInt(consumerId).putInt(messages).putInt(Integer.MAX_VALUE);
            FrameType.end(out, mark);
        });
    }

    void send(int handle, byte[] message, Consumer<ErrorCode> then) {
        send(0, handle, message, then);
    }

    void send(long transactionId, int handle, byte[] message, Consumer<ErrorCode> then) {
        send(FrameType.SEND, transactionId, handle, message, then);
    }

    void resend(long sentSince, int handle, byte[] message, Consumer<ErrorCode> then) {
        send(FrameType.RESEND, sentSince, handle, message, then);
    }

    private void send(FrameType type, long second, int handle, byte[] message, Consumer<ErrorCode> then) {
        long sequence = nextSend++;
        sends.put(sequence, then);
        introduce(handle, message);
        frame(out -> {
            int mark = type.begin(out);
            out.putLong(sequence).putLong(second).putInt(1);
            out.putInt(handle).putInt(message.length).putBytes(message);
            FrameType.end(out, mark);
        });
    }

    /** Tests choose ids of producers, and pass handles around: what a real client would have said before is said here. */
    private void introduce(int handle, byte[] message) {
        declare(MessageLayout.producerId(ByteBuffer.wrap(message), 0));
        Destination destination = shard.state().destination(handle);
        if (destination != null && !opensItself) connection.opened(destination, shard::exists);
    }

    private void declare(long producerId) {
        connection.declareProducer((int) producerId, producerId);
    }

    /** From now on handles count only when they were opened here. */
    SimulatedClient opensItself() {
        opensItself = true;
        return this;
    }

    /** Sends a message as a client sends a large one, its body in parts of the smallest size. */
    void sendLarge(long transactionId, int handle, byte[] message, Consumer<ErrorCode> then) {
        sendLarge(transactionId, handle, message, Protocol.SMALLEST_PART_BYTES, then);
    }

    void sendLarge(long transactionId, int handle, byte[] message, int partBytes, Consumer<ErrorCode> then) {
        sendLarge(transactionId, SendLargeFrame.NOT_SENT_BEFORE, handle, message, partBytes, then);
    }

    /** Sends a large message again that may have been stored since a position of the log. */
    void resendLarge(long sentSince, int handle, byte[] message, Consumer<ErrorCode> then) {
        sendLarge(0, sentSince, handle, message, Protocol.SMALLEST_PART_BYTES, then);
    }

    private void sendLarge(
            long transactionId, long sentSince, int handle, byte[] message, int partBytes, Consumer<ErrorCode> then) {
        int bodyAt = MessageLayout.bodyAt(ByteBuffer.wrap(message), 0);
        for (int at = bodyAt; at < message.length; at += partBytes) {
            part(at - bodyAt, message, at, Math.min(partBytes, message.length - at));
        }
        long sequence = nextSend++;
        sends.put(sequence, then);
        introduce(handle, message);
        frame(out -> {
            int mark = FrameType.SEND_LARGE.begin(out);
            out.putLong(sequence).putLong(transactionId).putLong(sentSince).putInt(handle);
            out.putInt(bodyAt).putBytes(message, 0, bodyAt);
            FrameType.end(out, mark);
        });
    }

    void part(int bodyAt, byte[] bytes, int from, int size) {
        frame(out -> {
            int mark = FrameType.PART.begin(out);
            out.putInt(bodyAt).putInt(size).putBytes(bytes, from, size);
            FrameType.end(out, mark);
        });
    }

    /** ranges: consumerId, from, count each. */
    void acknowledge(boolean confirmed, Consumer<Frames.Reply> then, long[]... ranges) {
        settle(FrameType.ACK, confirmed, 0, then, ranges);
    }

    void drain(int consumerId, boolean revoke) {
        drain(consumerId, revoke, reply -> {});
    }

    void drain(int consumerId, boolean revoke, Consumer<Frames.Reply> then) {
        frame(out -> {
            int mark = FrameType.DRAIN.begin(out);
            out.putInt(request(then)).putInt(consumerId).putByte(revoke ? 1 : 0);
            FrameType.end(out, mark);
        });
    }

    void browse(int consumerId, int messages, Consumer<Frames.Reply> then) {
        frame(out -> {
            int mark = FrameType.BROWSE.begin(out);
            out.putInt(request(then)).putInt(consumerId).putInt(messages).putInt(Integer.MAX_VALUE);
            FrameType.end(out, mark);
        });
    }

    void ask(int consumerId) {
        frame(out -> {
            int mark = FrameType.ASK.begin(out);
            out.putInt(consumerId);
            FrameType.end(out, mark);
        });
    }

    /** The answer to a recall: gives back so many deliveries; 0 for none. */
    void answerRecall(int consumerId, long from, int count) {
        frame(out -> {
            int mark = FrameType.RETURN.begin(out);
            out.putInt(0).putByte(2).putShort(1).putInt(consumerId).putLong(0).putInt(count == 0 ? 0 : 1);
            if (count > 0) out.putLong(from).putInt(count);
            FrameType.end(out, mark);
        });
    }

    /** The application is about to be handed this delivery. */
    void seen(int consumerId, long sequence) {
        frame(out -> {
            int mark = FrameType.SEEN.begin(out);
            out.putInt(consumerId).putLong(sequence);
            FrameType.end(out, mark);
        });
    }

    void giveBack(boolean seen, Consumer<Frames.Reply> then, long[]... ranges) {
        settle(FrameType.RETURN, true, seen ? 1 : 0, then, ranges);
    }

    private void settle(FrameType type, boolean confirmed, int flags, Consumer<Frames.Reply> then, long[]... ranges) {
        frame(out -> {
            int mark = type.begin(out);
            out.putInt(confirmed ? request(then) : 0).putByte(flags);
            putGroups(out, ranges);
            FrameType.end(out, mark);
        });
    }

    void commit(
            long transactionId,
            List<Integer> handles,
            List<byte[]> messages,
            Consumer<Frames.Reply> then,
            long[]... ranges) {
        commit(null, transactionId, handles, messages, then, ranges);
    }

    /** @param producerId that may ask for the outcome, null for none */
    void commit(
            Long producerId,
            long transactionId,
            List<Integer> handles,
            List<byte[]> messages,
            Consumer<Frames.Reply> then,
            long[]... ranges) {
        if (producerId != null) declare(producerId);
        for (int i = 0; i < messages.size(); i++) introduce(handles.get(i), messages.get(i));
        frame(out -> {
            int mark = (producerId == null ? FrameType.COMMIT : FrameType.COMMIT_NAMED).begin(out);
            if (producerId != null) out.putLong(producerId);
            out.putInt(request(then)).putLong(transactionId);
            putGroups(out, ranges);
            out.putInt(messages.size());
            for (int i = 0; i < messages.size(); i++) {
                out.putInt(handles.get(i)).putInt(messages.get(i).length).putBytes(messages.get(i));
            }
            FrameType.end(out, mark);
        });
    }

    void rollback(long transactionId, Consumer<Frames.Reply> then) {
        frame(out -> {
            int mark = FrameType.ROLLBACK.begin(out);
            out.putInt(request(then)).putLong(transactionId);
            FrameType.end(out, mark);
        });
    }

    void outcome(long producerId, long transactionId, long sentSince, Consumer<Frames.Reply> then) {
        declare(producerId);
        frame(out -> new Frames.TransactionOutcome(request(then), producerId, transactionId, sentSince).encode(out));
    }

    // ---- distributed transactions

    void startBranch(BranchId id, boolean join, long transactionId, int timeoutMillis, Consumer<Frames.Reply> then) {
        frame(out ->
                XaFrames.encodeStart(request(then), id, join ? XaFrames.JOIN : 0, transactionId, timeoutMillis, out));
    }

    void endBranch(
            BranchId id,
            int flags,
            List<Integer> handles,
            List<byte[]> messages,
            Consumer<Frames.Reply> then,
            long[]... ranges) {
        for (int i = 0; i < messages.size(); i++) introduce(handles.get(i), messages.get(i));
        frame(out -> {
            int mark = FrameType.XA_END.begin(out);
            id.encode(out.putInt(request(then)));
            out.putByte(flags);
            putGroups(out, ranges);
            out.putInt(messages.size());
            for (int i = 0; i < messages.size(); i++) {
                out.putInt(handles.get(i)).putInt(messages.get(i).length).putBytes(messages.get(i));
            }
            FrameType.end(out, mark);
        });
    }

    /** XA_PREPARE, XA_ROLLBACK, XA_FORGET. */
    void branch(FrameType type, BranchId id, Consumer<Frames.Reply> then) {
        frame(out -> XaFrames.encode(type, request(then), id, out));
    }

    void commitBranch(BranchId id, boolean onePhase, Consumer<Frames.Reply> then) {
        frame(out -> XaFrames.encodeCommit(request(then), id, onePhase ? XaFrames.ONE_PHASE : 0, out));
    }

    /** All pages of a scan. */
    void recoverBranches(Consumer<List<BranchId>> then) {
        recoverBranches(0, new ArrayList<>(), then);
    }

    private void recoverBranches(long after, List<BranchId> found, Consumer<List<BranchId>> then) {
        frame(out -> XaFrames.encodeRecover(
                request(reply -> {
                    reply.name().lines().map(BranchId::parse).forEach(found::add);
                    if (reply.value() == 0) then.accept(found);
                    else recoverBranches(reply.value(), found, then);
                }),
                after,
                out));
    }

    void admin(String command, Consumer<Frames.Reply> then) {
        frame(out -> {
            int mark = FrameType.ADMIN.begin(out);
            out.putInt(request(then)).putShortString(command);
            FrameType.end(out, mark);
        });
    }

    /** One group for each consumer, its ranges ascending. */
    private static void putGroups(ByteWriter out, long[]... ranges) {
        Map<Long, List<long[]>> groups = new LinkedHashMap<>();
        for (long[] range : ranges)
            groups.computeIfAbsent(range[0], id -> new ArrayList<>()).add(range);
        out.putShort(groups.size());
        groups.forEach((consumerId, own) -> {
            own.sort(Comparator.comparingLong(range -> range[1]));
            out.putInt(consumerId.intValue()).putLong(0).putInt(own.size());
            for (long[] range : own) out.putLong(range[1]).putInt((int) range[2]);
        });
    }

    void disconnect() {
        gone = true;
        shard.disconnected(connection);
    }

    private int request(Consumer<Frames.Reply> then) {
        waiting.put(nextRequest, then);
        return nextRequest++;
    }

    private void frame(Consumer<ByteWriter> encode) {
        ByteWriter out = new ByteWriter(256);
        encode.accept(out);
        ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray());
        requests.handle(connection, FrameType.of(bytes.get(4)), bytes, FrameType.HEADER_BYTES, bytes.limit());
    }

    // ---- messages

    static byte[] message(
            long producerId, long sequence, byte[] body, boolean persistent, int priority, long expiration) {
        return message(producerId, sequence, body, persistent, priority, expiration, null);
    }

    static byte[] message(
            long producerId,
            long sequence,
            byte[] body,
            boolean persistent,
            int priority,
            long expiration,
            String tag) {
        return message(producerId, sequence, body, persistent, priority, expiration, tag, 0);
    }

    static byte[] message(
            long producerId,
            long sequence,
            byte[] body,
            boolean persistent,
            int priority,
            long expiration,
            String tag,
            long deliveryTime) {
        ByteWriter properties = new ByteWriter(32);
        properties.putShort(tag == null ? 0 : 1);
        if (tag != null) {
            properties.putShortString("tag");
            org.larchmq.message.Values.write(properties, tag);
        }
        ByteWriter out = new ByteWriter(128);
        out.putByte(MessageLayout.CURRENT_VERSION).putByte(MessageLayout.BODY_BYTES);
        out.putByte(persistent ? MessageLayout.FLAG_PERSISTENT : 0).putByte(priority);
        out.putLong(0)
                .putLong(expiration)
                .putLong(deliveryTime)
                .putLong(producerId)
                .putLong(sequence);
        out.putInt(0).putInt(1).putInt(properties.size()).putInt(body.length);
        out.putByte(0).putBytes(properties.toByteArray()).putBytes(body);
        return out.toByteArray();
    }

    /** The same message, which its producer may send again. */
    static byte[] tracked(byte[] message) {
        message[MessageLayout.FLAGS] |= MessageLayout.FLAG_TRACKED;
        return message;
    }

    // ---- answers

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void deliver(
            int consumerId,
            long sequence,
            int flags,
            int deliveryCount,
            ByteBuffer buffer,
            int at,
            int size,
            Origin origin) {
        whileGiven.run();
        boolean isLarge = MessageLayout.isLarge(buffer, at);
        LargeBodies.Body parts = isLarge ? shard.largeBodies().open(buffer, at) : null;
        byte[] body = new byte[isLarge ? parts.bytes() : buffer.getInt(at + MessageLayout.BODY_SIZE)];
        if (!isLarge) buffer.get(MessageLayout.bodyAt(buffer, at), body);
        Delivery delivery = new Delivery(
                consumerId,
                sequence,
                (flags & 1) != 0,
                deliveryCount,
                MessageLayout.producerId(buffer, at),
                MessageLayout.sequence(buffer, at),
                body,
                origin,
                MessageLayout.deliveryTimeMillis(buffer, at));
        collect(() -> {
            if (parts != null) readBody(parts, body); // as a client does: later
            onDelivery.accept(delivery);
        });
    }

    private static void readBody(LargeBodies.Body parts, byte[] body) {
        int at = 0;
        while (parts.hasNext()) {
            ByteBuffer part = parts.next();
            int size = part.remaining();
            part.get(part.position(), body, at, size);
            at += size;
        }
        parts.close();
        if (at != body.length) throw new AssertionError("a body of " + at + " bytes, not " + body.length);
    }

    @Override
    public void sendWindow(int bytes) {
        sendWindowBytes = bytes;
    }

    @Override
    public void hold() {
        isHeld = true;
    }

    @Override
    public void goOn() {
        isHeld = false;
    }

    @Override
    public void receipt(long sendSequence) {
        collect(() -> answered(sendSequence, ErrorCode.OK));
    }

    @Override
    public void sendFailed(long sendSequence, ErrorCode code, String text) {
        collect(() -> {
            sendFailures.add(text);
            answered(sendSequence, code);
        });
    }

    @Override
    public void reply(int requestId, ErrorCode code, String text, long value, String name) {
        collect(() -> {
            Consumer<Frames.Reply> then = waiting.remove(requestId); // none for a request that was made up
            if (then != null) then.accept(new Frames.Reply(requestId, code, text, value, name));
        });
    }

    @Override
    public void recall(int consumerId) {
        collect(() -> events.add("recall " + consumerId));
    }

    private void answered(long sendSequence, ErrorCode code) {
        Consumer<ErrorCode> then = sends.remove(sendSequence);
        if (then != null) then.accept(code);
    }

    private void collect(Runnable event) {
        collected.add(event);
        if (!touched) {
            touched = true;
            shard.touched(this);
        }
    }

    @Override
    public void flush() {
        touched = false;
        List<Runnable> now = List.copyOf(collected);
        collected.clear();
        if (!gone) now.forEach(Runnable::run); // answers to a lost connection reach nobody
    }
}
