package org.larchmq.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.larchmq.broker.shard.ClientConnection;
import org.larchmq.broker.shard.Turn;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.Names;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.StoreException;
import org.larchmq.wire.ClientIdentity;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: cuts its bytes into frames, logs the client in, then passes its frames to the shard. A frame's length
 * is checked before anything is kept for it. On the channel's event loop; frames are handled on the shard's.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);
    /** Bytes handed to a shard on another loop and not handled yet, beyond which reading stops. */
    private static final int MAX_HANDED_OVER_BYTES = 4 << 20;
    /** What a frame that waits takes beside its bytes. */
    private static final int HANDED_OVERHEAD_BYTES = 96;
    /** Part of a frame that each connection may have waiting, whatever the others have. */
    private static final int FREE_PART_BYTES = 16 << 10;
    /** A connection that does not take the reason of its end is closed without. */
    private static final long FATAL_MILLIS = 2_000;
    /** A connection that gets no further for so long goes while others want what it keeps. */
    private static final long LONGEST_STUCK_NANOS = TimeUnit.SECONDS.toNanos(5);

    private enum Stage {
        EXPECTS_HELLO,
        AUTHENTICATING,
        OPEN,
        CLOSED
    }

    private final Endpoint endpoint;
    private final AtomicInteger handedOverBytes = new AtomicInteger();
    private final Queue<Handed> handedOver = new ConcurrentLinkedQueue<>();
    private ChannelHandlerContext context;
    private LoopTasks tasks;
    private volatile Stage stage = Stage.EXPECTS_HELLO;
    private ByteBuf leftOver;
    private int keptBytes;
    private int maxFrameBytes = Protocol.MAX_HANDSHAKE_FRAME_BYTES;
    private ScheduledFuture<?> handshakeTimeout;
    private volatile long lastReadNanos = System.nanoTime();
    private volatile ClientConnection connection;
    private volatile ConnectionLink link;
    private final Turns.Share share; // of the time of the shard's loop
    private volatile String clientId = "";
    private long turnUntil;
    private final Turn turn; // on the shard's loop
    private ClientIdentity identity;
    private long connectionId;
    private boolean counted;
    private boolean readingOn;
    private volatile boolean broken;
    private volatile long partSinceNanos; // 0: nothing large has arrived in part
    private long lastTakenBytes;
    private long untakenSinceNanos;

    /** A frame that was copied for the shard's loop. */
    private record Handed(FrameType type, ByteBuffer frame) {}

    ConnectionHandler(Endpoint endpoint) {
        this.endpoint = endpoint;
        this.share = new Turns.Share(this::goOnOrEnd);
        this.turn = () -> endpoint.turns().nowNanos() - turnUntil >= 0;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        tasks = new LoopTasks(ctx.executor(), e -> exceptionCaught(ctx, e));
        counted = endpoint.opened(this);
        if (!counted) {
            fatal(ErrorCode.LIMIT_REACHED, endpoint.connectionLimitText());
            return;
        }
        handshakeTimeout = tasks.executeLater(
                () -> {
                    if (stage != Stage.OPEN && stage != Stage.CLOSED) {
                        fatal(ErrorCode.PROTOCOL, "the client did not log in within network.handshakeTimeout");
                    }
                },
                endpoint.settings().handshakeTimeoutMillis());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stage = Stage.CLOSED;
        if (handshakeTimeout != null) handshakeTimeout.cancel(false);
        dropLeftOver();
        releaseClientId();
        if (counted) endpoint.closed(this, connectionId);
        disconnect();
    }

    /** The shard forgets the connection, if it knows it. Repeating it is harmless. */
    private void disconnect() {
        ClientConnection open = connection;
        if (open != null) endpoint.onShard(() -> endpoint.shard().disconnected(open));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ClientConnection open = connection;
        if (open != null && ctx.channel().isWritable())
            endpoint.onShard(() -> endpoint.shard().writable(open));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (stage == Stage.CLOSED) {
            in.release();
            return;
        }
        lastReadNanos = System.nanoTime();
        ByteBuf all = Unread.join(ctx.alloc(), leftOver, in);
        leftOver = null;
        read(all);
    }

    private void read(ByteBuf all) {
        try {
            readFrames(all);
        } catch (Throwable e) { // nothing may go on as if it had been done
            failed(e);
        } finally {
            endpoint.memory().release(keptBytes);
            keptBytes = 0;
            if (all.isReadable() && stage != Stage.CLOSED) keep(all);
            else all.release();
            if (stage == Stage.CLOSED) dropLeftOver();
        }
    }

    private void keep(ByteBuf all) {
        leftOver = all;
        int bytes = all.readableBytes();
        if (bytes <= FREE_PART_BYTES) {
            partSinceNanos = 0;
            return;
        }
        if (partSinceNanos == 0) partSinceNanos = lastReadNanos;
        if (endpoint.memory().keep(bytes)) keptBytes = bytes;
        else fatal(ErrorCode.LIMIT_REACHED, "too many clients have sent a large frame in part only; try again later");
    }

    private void dropLeftOver() {
        endpoint.memory().release(keptBytes);
        keptBytes = 0;
        if (leftOver != null) leftOver.release();
        leftOver = null;
    }

    /** Handles what is there, up to a frame that is not complete: for a while, then the other connections get a turn. */
    private void readFrames(ByteBuf all) {
        if (!endpoint.isShardThread()) {
            readFrames(all, null, 0); // they are only handed over: the shard's loop looks at its time then
            return;
        }
        Turns turns = endpoint.turns();
        long began = turns.nowNanos();
        try {
            readFrames(all, turns, turns.begin(share, began));
        } finally {
            turns.end(share, began, turns.nowNanos());
        }
    }

    /** @param turns null when there is no end */
    private void readFrames(ByteBuf all, Turns turns, long until) {
        ByteBuffer bytes = all.nioBuffer();
        int at = 0;
        int end = bytes.limit();
        try {
            while (end - at >= 4 && stage != Stage.CLOSED && stage != Stage.AUTHENTICATING) {
                int length = bytes.getInt(at);
                if (length < 1 || length > maxFrameBytes) throw badLength(length);
                if (end - at - 4 < length) break;
                if (isBackedUp()) {
                    pause();
                    break;
                }
                if (turns != null && turns.nowNanos() - until >= 0) {
                    pause();
                    turns.waitFor(share);
                    break;
                }
                int from = at + FrameType.HEADER_BYTES;
                int to = at + 4 + length;
                partSinceNanos = 0;
                turnUntil = until;
                if (frame(FrameType.of(bytes.get(at + 4)), bytes, from, to)) at = to;
            }
        } finally {
            all.skipBytes(at);
        }
    }

    // ---- pauses

    /** Whether its client gets no more done for it until it has taken what it was answered. */
    private boolean isBackedUp() {
        ConnectionLink open = link;
        return open != null && open.isBackedUp();
    }

    private void pause() {
        context.channel().config().setAutoRead(false);
    }

    /** Does something for this connection, and ends it if that fails. Any thread. */
    void run(Runnable task) {
        tasks.run(task);
    }

    /** Its turn has come; what fails then ends this connection, and no other one's turn. Shard thread. */
    private void goOnOrEnd() {
        try {
            goOn();
        } catch (Throwable e) {
            exceptionCaught(context, e);
        }
    }

    private void goOn() {
        if (context.executor().inEventLoop()) readOn();
        else takeHandedOver();
    }

    /** Goes on with what was read, and with reading, if nothing is in the way any more. */
    private void readOnSoon() {
        if (readingOn || stage == Stage.CLOSED) return;
        if (endpoint.isShardThread()) {
            endpoint.turns().waitFor(share);
            return;
        }
        readingOn = true;
        tasks.execute(() -> {
            readingOn = false;
            readOn();
        });
    }

    private void readOn() {
        boolean mayRead = stage == Stage.OPEN || stage == Stage.EXPECTS_HELLO;
        if (!mayRead || isBackedUp() || handedOverBytes.get() > MAX_HANDED_OVER_BYTES) return;
        ByteBuf waiting = leftOver;
        leftOver = null;
        lastReadNanos = System.nanoTime();
        context.channel().config().setAutoRead(true); // read() may pause again
        if (waiting != null) read(waiting);
    }

    /** Its client has taken what it was answered. Shard thread. */
    private void drained() {
        if (!handedOver.isEmpty()) endpoint.turns().waitFor(share);
        tasks.execute(this::readOnSoon);
    }

    private ProtocolException badLength(int length) {
        if (stage == Stage.OPEN && length > 0) {
            return new ProtocolException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "a frame of " + length + " bytes; at most " + maxFrameBytes
                            + " are taken, larger messages come in parts (limits.maxMessage)");
        }
        String stranger = stage == Stage.EXPECTS_HELLO ? Strangers.describe(length) : null;
        return new ProtocolException(
                ErrorCode.PROTOCOL,
                stranger != null
                        ? stranger
                        : "a frame of " + length
                                + " bytes; this is a LarchMQ broker, is the client one of another protocol?");
    }

    /** False when a part of it is left for another turn. */
    private boolean frame(FrameType type, ByteBuffer bytes, int from, int to) {
        if (stage == Stage.EXPECTS_HELLO) {
            if (type != FrameType.HELLO) {
                throw new ProtocolException(ErrorCode.PROTOCOL, "the first frame must be HELLO, not " + type);
            }
            login(Frames.Hello.decode(new ByteReader().reset(bytes, from, to)));
        } else if (type == FrameType.HELLO) {
            throw new ProtocolException(ErrorCode.PROTOCOL, "a second HELLO");
        } else {
            return request(type, bytes, from, to);
        }
        return true;
    }

    private boolean request(FrameType type, ByteBuffer bytes, int from, int to) {
        if (endpoint.isShardThread()) return handle(type, bytes, from, to);
        handOver(type, bytes, from, to);
        return true;
    }

    private boolean handle(FrameType type, ByteBuffer bytes, int from, int to) {
        if (type == FrameType.PING) {
            if (from != to) throw ProtocolException.malformed((to - from) + " bytes too many");
            link.pong();
        } else if (type == FrameType.SET_CLIENT_ID) {
            setClientId(new ByteReader().reset(bytes, from, to));
        } else {
            if (type == FrameType.CLOSE) releaseClientId();
            return endpoint.requests().handle(connection, type, bytes, from, to, turn);
        }
        return true;
    }

    /** For connections on another event loop than the shard's: the frame is copied and handled there, in order. */
    private void handOver(FrameType type, ByteBuffer bytes, int from, int to) {
        ByteBuffer copy = ByteBuffer.allocate(to - from);
        copy.put(0, bytes, from, to - from);
        if (handedOverBytes.addAndGet(copy.limit() + HANDED_OVERHEAD_BYTES) > MAX_HANDED_OVER_BYTES) pause();
        handedOver.add(new Handed(type, copy));
        endpoint.onShard(this::takeHandedOver);
    }

    private void takeHandedOver() {
        Turns turns = endpoint.turns();
        long began = turns.nowNanos();
        try {
            takeHandedOver(turns, turns.begin(share, began));
        } finally {
            turns.end(share, began, turns.nowNanos());
        }
    }

    private void takeHandedOver(Turns turns, long until) {
        while (stage != Stage.CLOSED && !broken && !isBackedUp()) {
            if (turns.nowNanos() - until >= 0) {
                if (!handedOver.isEmpty()) turns.waitFor(share);
                return;
            }
            Handed next = handedOver.peek();
            if (next == null) return;
            turnUntil = until;
            try {
                if (!handle(next.type, next.frame, 0, next.frame.limit())) continue;
                handedOver.remove();
            } catch (Throwable e) { // nothing may go on as if it had been done
                broken = true;
                tasks.execute(() -> failed(e));
                return;
            }
            int most = MAX_HANDED_OVER_BYTES;
            int left = handedOverBytes.addAndGet(-next.frame.limit() - HANDED_OVERHEAD_BYTES);
            if (left < most / 2 && left + next.frame.limit() + HANDED_OVERHEAD_BYTES >= most / 2) {
                tasks.execute(this::readOnSoon);
            }
        }
    }

    // ---- login

    private void login(Frames.Hello hello) {
        Names.checkClientId(hello.clientId());
        stage = Stage.AUTHENTICATING;
        pause(); // whatever it sends meanwhile stays with its sender
        endpoint.authenticate(
                hello.user(),
                hello.password(),
                (accepted, failure) -> tasks.execute(() -> authenticated(hello, accepted, failure)));
    }

    private void authenticated(Frames.Hello hello, Boolean accepted, Throwable failure) {
        if (stage != Stage.AUTHENTICATING) return;
        Throwable reason = failure instanceof CompletionException ? failure.getCause() : failure;
        if (reason instanceof RejectedExecutionException) {
            fatal(ErrorCode.LIMIT_REACHED, reason.getMessage());
            return;
        }
        if (failure != null) {
            fatal(ErrorCode.INTERNAL, "the broker could not check the password; its log says why");
            return;
        }
        if (!Boolean.TRUE.equals(accepted)) {
            fatal(
                    ErrorCode.AUTHENTICATION,
                    hello.user().isEmpty()
                            ? "the broker does not take connections without a user name"
                            : "user '" + hello.user() + "' or the password is not accepted");
            return;
        }
        identity = new ClientIdentity(hello.user(), hello.secret());
        ConnectionHandler earlier = endpoint.takeConnectionId(hello.connectionId(), this);
        connectionId = hello.connectionId();
        if (earlier != null) earlier.replaced();
        if (!hello.clientId().isEmpty() && !endpoint.takeClientId(hello.clientId())) {
            fatal(ErrorCode.INVALID_CLIENT_ID, inUseText(hello.clientId()));
            return;
        }
        clientId = hello.clientId();
        endpoint.onShard(() -> {
            try {
                connect(hello, earlier);
            } catch (Throwable e) { // nothing may go on as if it had been done
                tasks.execute(() -> failed(e));
            }
        });
    }

    /** On the shard. Frames are taken only when the shard knows the connection. */
    private void connect(Frames.Hello hello, ConnectionHandler earlier) {
        if (endpoint.shard().isDown()) throw new ProtocolException(ErrorCode.STOPPING, "the broker is stopping");
        if (earlier != null && earlier.connection != null) {
            endpoint.shard().disconnected(earlier.connection); // whatever still arrives from it is not taken
        }
        ConnectionLink made = new ConnectionLink(
                context.channel(),
                endpoint.memory(),
                endpoint.shard().largeBodies(),
                endpoint.shard()::touched,
                () -> endpoint.shard().writable(connection),
                () -> endpoint.afterOthersOnShard(this::drained));
        ClientConnection known = endpoint.shard().connected(made, identity, hello.user(), toString(), hello.clientId());
        known.compressions(endpoint.settings().compression());
        link = made;
        connection = known;
        ByteWriter out = new ByteWriter(256);
        new Frames.Welcome(
                        Protocol.VERSION,
                        endpoint.brokerId(),
                        endpoint.version(),
                        endpoint.storeId(),
                        endpoint.shard().maxMessageBytes(),
                        endpoint.settings().sendWindowBytes(),
                        endpoint.settings().heartbeatMillis(),
                        endpoint.shard().position(),
                        endpoint.settings().compression())
                .encode(out);
        context.writeAndFlush(context.alloc().buffer(out.size()).writeBytes(out.array(), 0, out.size()));
        tasks.execute(this::welcomed);
    }

    /** A client may send more before it is welcomed; it is read now. */
    private void welcomed() {
        if (stage != Stage.AUTHENTICATING) {
            disconnect(); // it has ended while the shard got to know it
            return;
        }
        handshakeTimeout.cancel(false);
        maxFrameBytes = Protocol.MAX_FRAME_BYTES;
        stage = Stage.OPEN;
        readOn();
    }

    /** Client ids are unique among all connections, so the endpoint decides. Shard thread. */
    private void setClientId(ByteReader in) {
        int requestId = in.getInt();
        String wanted = in.getShortString();
        in.end();
        try {
            takeClientId(wanted);
            connection.clientId(wanted);
            link.reply(requestId, ErrorCode.OK, "", 0, "");
        } catch (ProtocolException e) {
            link.reply(requestId, e.code(), e.getMessage(), 0, "");
        }
    }

    /** Once, whoever comes first: from then on another connection may have it. Any thread. */
    private synchronized void releaseClientId() {
        endpoint.freeClientId(clientId);
        clientId = "";
    }

    private synchronized void takeClientId(String wanted) {
        if (stage == Stage.CLOSED) throw new ProtocolException(ErrorCode.ILLEGAL_STATE, "the connection has ended");
        if (!clientId.isEmpty()) {
            throw new ProtocolException(
                    ErrorCode.ILLEGAL_STATE, "the connection has the client id '" + clientId + "' already");
        }
        if (wanted.isEmpty()) throw new ProtocolException(ErrorCode.INVALID_CLIENT_ID, "the client id is empty");
        if (!endpoint.takeClientId(Names.checkClientId(wanted))) {
            throw new ProtocolException(ErrorCode.INVALID_CLIENT_ID, inUseText(wanted));
        }
        clientId = wanted;
    }

    private static String inUseText(String clientId) {
        return "the client id '" + clientId + "' is in use by another connection";
    }

    private void failed(Throwable e) {
        if (e instanceof ProtocolException broken) fatal(broken.code(), broken.getMessage());
        else if (e instanceof StoreException store) storeFailed(store);
        else brokenInvariant(e);
    }

    /** Neither the peer's fault nor the disk's: the state is in doubt, and carrying on would make it worse. */
    private void brokenInvariant(Throwable e) {
        endpoint.shardFailed(e);
        LOG.error("A request of {} broke an invariant", this, e);
        fatal(ErrorCode.INTERNAL, "the broker failed to handle the request and stops; its log says why");
    }

    private void storeFailed(StoreException e) {
        if (e.error().isPassing()) {
            fatal(
                    ErrorCode.DISK_FULL,
                    "the log has no room for what was asked: " + e.error().cause() + "; "
                            + e.error().remedy());
        } else {
            endpoint.shardFailed(e);
        }
    }

    /** Says why, and closes. */
    void fatal(ErrorCode code, String text) {
        if (stage == Stage.CLOSED) return;
        stage = Stage.CLOSED;
        if (code == ErrorCode.PROTOCOL || code == ErrorCode.AUTHENTICATION || code == ErrorCode.LIMIT_REACHED) {
            endpoint.refusals().report(context.channel().remoteAddress(), code, text);
        }
        ByteWriter out = new ByteWriter(256);
        int mark = FrameType.FATAL.begin(out);
        out.putShort(code.number()).putString(text);
        FrameType.end(out, mark);
        context.writeAndFlush(context.alloc().buffer(out.size()).writeBytes(out.array(), 0, out.size()))
                .addListener(ChannelFutureListener.CLOSE);
        tasks.executeLater(() -> context.close(), FATAL_MILLIS);
        disconnect();
    }

    /** Its client has reconnected: the client id is free at once, whenever the network notices the end. Any thread. */
    private void replaced() {
        LOG.debug("{} is replaced by its client's new connection", this);
        releaseClientId();
        context.close();
    }

    /** The client that logged in; null before. */
    ClientIdentity identity() {
        return identity;
    }

    /** Silent for longer than allowed. */
    void closeIfSilent(long nowNanos, long longestSilenceNanos) {
        if (stage == Stage.OPEN && nowNanos - lastReadNanos > longestSilenceNanos) {
            LOG.warn("{} was silent for too long and is closed", this);
            context.close();
        }
    }

    /** Keeps from others what it makes no use of: memory, or places of the log. Shard thread. */
    void closeIfStuck(long nowNanos, boolean logIsShort) {
        ConnectionLink open = link;
        if (open == null || stage != Stage.OPEN) return;
        long taken = open.takenBytes();
        if (taken != lastTakenBytes || open.waitingBytes() == 0) {
            lastTakenBytes = taken;
            untakenSinceNanos = nowNanos;
        }
        boolean isStuck = nowNanos - untakenSinceNanos > LONGEST_STUCK_NANOS;
        long partSince = partSinceNanos;
        if (isStuck && (endpoint.memory().isOutputFull() || logIsShort && open.holdsLog())) {
            LOG.warn("{} is closed: it does not read, and {} bytes wait for it", this, open.waitingBytes());
            context.close();
        } else if (partSince != 0
                && nowNanos - partSince > LONGEST_STUCK_NANOS
                && endpoint.memory().isInputShort()) {
            LOG.warn("{} is closed: it has sent part of a large frame, and not the rest", this);
            context.close();
        }
    }

    void close() {
        context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof Error) endpoint.shardFailed(cause);
        if (!(cause instanceof IOException)) LOG.error("Connection {} failed", this, cause);
        ctx.close();
    }

    @Override
    public String toString() {
        return (clientId.isEmpty() ? "client " : "client '" + clientId + "' ")
                + context.channel().remoteAddress();
    }
}
