package org.larchmq.broker.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.larchmq.broker.settings.BrokerSettings;

/**
 * The address that clients connect to, taken before there is anything to connect to. Connections that come before
 * {@link #accept} wait in the operating system, which accepts them.
 */
public final class Listener {
    /** What is read of one connection in a turn of its loop. */
    private static final int LARGEST_READ_BYTES = 256 * 1024;

    /** Connections that are accepted in a turn of the loop. */
    private static final int ACCEPTED_AT_ONCE = 2;

    private static final int WAITING_CONNECTIONS = 1024;

    private final Channel channel;
    private final Connections connections;

    private Listener(Channel channel, Connections connections) {
        this.channel = channel;
        this.connections = connections;
    }

    /** @throws IOException when the address cannot be taken */
    public static Listener bind(BrokerSettings.Network settings, EventLoopGroup loops)
            throws IOException, InterruptedException {
        Connections connections = new Connections();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.SO_BACKLOG, WAITING_CONNECTIONS)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(
                        ChannelOption.RCVBUF_ALLOCATOR,
                        new ServerChannelRecvByteBufAllocator().maxMessagesPerRead(ACCEPTED_AT_ONCE))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(
                        ChannelOption.RCVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(2048, 16 * 1024, LARGEST_READ_BYTES).maxMessagesPerRead(1))
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(512 << 10, 1 << 20))
                .childHandler(connections);
        var bound = bootstrap
                .bind(new InetSocketAddress(settings.host(), settings.port()))
                .await();
        if (bound.isSuccess()) return new Listener(bound.channel(), connections);
        if (bound.cause() instanceof IOException cause) throw cause;
        throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
    }

    /** Where it listens. */
    public int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Accepts from now on. @param handlers makes one for each connection */
    void accept(Supplier<ChannelHandler> handlers) {
        connections.handlers = handlers;
        channel.config().setAutoRead(true);
    }

    /** Accepts no more; returns when it is so or after a bounded wait. */
    void close() {
        channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    }

    @ChannelHandler.Sharable
    private static final class Connections extends ChannelInitializer<Channel> {
        private volatile Supplier<ChannelHandler> handlers;

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(handlers.get());
        }
    }
}
