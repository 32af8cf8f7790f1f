package org.larchmq.broker.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.larchmq.broker.shard.ClientConnection;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.wire.ClientIdentity;
import org.larchmq.wire.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.ProtocolException;
import org.larchmq.wire.WireReader;
import org.larchmq.wire.WireWriter;
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

    private enum Stage {
        EXPECTS_HELLO,
        AUTHENTICATING,
        OPEN,
        CLOSED
    }

    private final Endpoint endpoint;
    private final AtomicInteger handedOverBytes = new AtomicInteger();
    private ChannelHandlerContext context;
    private Stage stage = Stage.EXPECTS_HELLO;
    private ByteBuf leftOver;
    private int maxFrameBytes = Protocol.MAX_HANDSHAKE_FRAME_BYTES;
    private ScheduledFuture<?> handshakeTimeout;
    private volatile long lastReadNanos = System.nanoTime();
    private volatile ClientConnection connection;
    private ConnectionLink link;
    private volatile String clientId = "";
    private ClientIdentity identity;
    private long connectionId;
    private boolean counted;

    ConnectionHandler(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        counted = endpoint.opened(this);
        if (!counted) {
            fatal(ErrorCode.LIMIT_REACHED, endpoint.connectionLimitText());
            return;
        }
        handshakeTimeout = ctx.executor()
                .schedule(
                        () -> {
                            if (stage != Stage.OPEN && stage != Stage.CLOSED) {
                                fatal(ErrorCode.PROTOCOL, "the client did not log in within network.handshakeTimeout");
                            }
                        },
                        endpoint.settings().handshakeTimeoutMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stage = Stage.CLOSED;
        if (handshakeTimeout != null) handshakeTimeout.cancel(false);
        if (leftOver != null) leftOver.release();
        leftOver = null;
        ClientConnection open = connection;
        releaseClientId();
        if (counted) endpoint.closed(this, connectionId);
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
        ByteBuf all = leftOver == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), leftOver, in);
        leftOver = null;
        try {
            readFrames(all);
        } catch (ProtocolException e) {
            fatal(e.code(), e.getMessage());
        } catch (StoreException e) {
            storeFailed(e);
        } catch (RuntimeException e) {
            brokenInvariant(e);
        } finally {
            if (all.isReadable() && stage != Stage.CLOSED) leftOver = all;
            else all.release();
        }
    }

    private void readFrames(ByteBuf all) {
        ByteBuffer bytes = all.nioBuffer();
        int at = 0;
        int end = bytes.limit();
        while (end - at >= 4 && stage != Stage.CLOSED && stage != Stage.AUTHENTICATING) {
            int length = bytes.getInt(at);
            if (length < 1 || length > maxFrameBytes) throw badLength(length);
            if (end - at - 4 < length) break;
            int from = at + FrameType.HEADER_BYTES;
            int to = at + 4 + length;
            FrameType type = FrameType.of(bytes.get(at + 4));
            at = to;
            frame(type, bytes, from, to);
        }
        all.skipBytes(at);
    }

    private ProtocolException badLength(int length) {
        if (stage == Stage.OPEN && length > 0) {
            return new ProtocolException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "a frame of " + length + " bytes; at most " + maxFrameBytes
                            + " are taken, larger messages come in parts (limits.maxMessage)");
        }
        return new ProtocolException(
                ErrorCode.PROTOCOL,
                "a frame of " + length + " bytes; this is a LarchMQ broker, is the client one of another protocol?");
    }

    private void frame(FrameType type, ByteBuffer bytes, int from, int to) {
        if (stage == Stage.EXPECTS_HELLO) {
            if (type != FrameType.HELLO) {
                throw new ProtocolException(ErrorCode.PROTOCOL, "the first frame must be HELLO, not " + type);
            }
            login(Frames.Hello.decode(new WireReader().reset(bytes, from, to)));
        } else if (type == FrameType.PING) {
            endpoint.onShard(link::pong);
        } else if (type == FrameType.SET_CLIENT_ID) {
            setClientId(new WireReader().reset(bytes, from, to));
        } else {
            if (type == FrameType.CLOSE) releaseClientId();
            request(type, bytes, from, to);
        }
    }

    private void request(FrameType type, ByteBuffer bytes, int from, int to) {
        if (endpoint.isShardThread()) {
            endpoint.requests().handle(connection, type, bytes, from, to);
        } else {
            handOver(type, bytes, from, to);
        }
    }

    /** For connections on another event loop than the shard's: the frame is copied and handled there, in order. */
    private void handOver(FrameType type, ByteBuffer bytes, int from, int to) {
        ByteBuffer copy = ByteBuffer.allocate(to - from);
        copy.put(0, bytes, from, to - from);
        if (handedOverBytes.addAndGet(copy.limit()) > MAX_HANDED_OVER_BYTES)
            context.channel().config().setAutoRead(false);
        ClientConnection target = connection;
        endpoint.onShard(() -> {
            try {
                endpoint.requests().handle(target, type, copy, 0, copy.limit());
            } catch (ProtocolException e) {
                context.executor().execute(() -> fatal(e.code(), e.getMessage()));
            } catch (StoreException e) {
                context.executor().execute(() -> storeFailed(e));
            } catch (RuntimeException e) {
                context.executor().execute(() -> brokenInvariant(e));
            }
            if (handedOverBytes.addAndGet(-copy.limit()) < MAX_HANDED_OVER_BYTES / 2) {
                context.channel().config().setAutoRead(true);
            }
        });
    }

    private void login(Frames.Hello hello) {
        Protocol.checkClientId(hello.clientId());
        stage = Stage.AUTHENTICATING;
        endpoint.authenticate(
                hello.user(),
                hello.password(),
                accepted -> context.executor().execute(() -> authenticated(hello, accepted)));
    }

    private void authenticated(Frames.Hello hello, boolean accepted) {
        if (stage != Stage.AUTHENTICATING) return;
        if (!accepted) {
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
        stage = Stage.OPEN;
        handshakeTimeout.cancel(false);
        maxFrameBytes = Protocol.MAX_FRAME_BYTES;
        endpoint.onShard(() -> {
            if (earlier != null && earlier.connection != null) {
                endpoint.shard().disconnected(earlier.connection); // whatever still arrives from it is not taken
            }
            link = new ConnectionLink(
                    context.channel(),
                    endpoint.shard().largeBodies(),
                    endpoint.shard()::touched,
                    () -> endpoint.shard().writable(connection));
            connection = endpoint.shard().connected(link, identity, hello.user(), toString(), hello.clientId());
            connection.compressions(endpoint.settings().compression());
            WireWriter out = new WireWriter(256);
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
            context.executor().execute(this::readOn);
        });
    }

    /** Client ids are unique among all connections, so the endpoint decides; the shard is told in its turn. */
    private void setClientId(WireReader in) {
        int requestId = in.getInt();
        String wanted = in.getShortString();
        in.end();
        ErrorCode code = ErrorCode.OK;
        String text = "";
        try {
            takeClientId(wanted);
        } catch (ProtocolException e) {
            code = e.code();
            text = e.getMessage();
        }
        ErrorCode result = code;
        String reason = text;
        ClientConnection target = connection;
        endpoint.onShard(() -> {
            if (result == ErrorCode.OK) target.clientId(wanted);
            link.reply(requestId, result, reason, 0, "");
        });
    }

    /** Once, whoever comes first: from then on another connection may have it. Any thread. */
    private synchronized void releaseClientId() {
        endpoint.freeClientId(clientId);
        clientId = "";
    }

    private void takeClientId(String wanted) {
        if (!clientId.isEmpty()) {
            throw new ProtocolException(
                    ErrorCode.ILLEGAL_STATE, "the connection has the client id '" + clientId + "' already");
        }
        if (wanted.isEmpty()) throw new ProtocolException(ErrorCode.INVALID_CLIENT_ID, "the client id is empty");
        if (!endpoint.takeClientId(Protocol.checkClientId(wanted))) {
            throw new ProtocolException(ErrorCode.INVALID_CLIENT_ID, inUseText(wanted));
        }
        clientId = wanted;
    }

    private static String inUseText(String clientId) {
        return "the client id '" + clientId + "' is in use by another connection";
    }

    /** A client may send more before it is welcomed; it is read now. */
    private void readOn() {
        ByteBuf waiting = leftOver;
        if (waiting == null || stage != Stage.OPEN) return;
        leftOver = null;
        channelRead(context, waiting);
    }

    /** Neither the peer's fault nor the disk's: the state is in doubt, and carrying on would make it worse. */
    private void brokenInvariant(RuntimeException e) {
        LOG.error("A request of {} broke an invariant", this, e);
        fatal(ErrorCode.INTERNAL, "the broker failed to handle the request and stops; its log says why");
        endpoint.shardFailed(e);
    }

    private void storeFailed(StoreException e) {
        if (e.error() == StoreError.DISK_FULL) {
            fatal(ErrorCode.DISK_FULL, "the broker's disk is full, it cannot even store acknowledgements; free space");
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
        WireWriter out = new WireWriter(256);
        int mark = out.beginFrame(FrameType.FATAL);
        out.putShort(code.number()).putString(text);
        out.endFrame(mark);
        context.writeAndFlush(context.alloc().buffer(out.size()).writeBytes(out.array(), 0, out.size()))
                .addListener(ChannelFutureListener.CLOSE);
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

    void close() {
        context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) LOG.error("Connection {} failed", this, cause);
        ctx.close();
    }

    @Override
    public String toString() {
        return (clientId.isEmpty() ? "client " : "client '" + clientId + "' ")
                + context.channel().remoteAddress();
    }
}
