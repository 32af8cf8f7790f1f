package org.larchmq.broker.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.BrokerStartException;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.Compression;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.MessageLayout;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.SendFrame;

/** A real broker on a real disk and socket. */
class EndpointTest {
    @TempDir
    Path directory;

    private BrokerSettings settings;
    private Broker broker;

    @BeforeEach
    void start() throws Exception {
        settings = BrokerSettings.defaults(directory)
                .with(new BrokerSettings.Network(
                        "127.0.0.1", 0, 2, 4, 10_000, 30_000, 1 << 20, Compression.LZ4.number()))
                .with(new BrokerSettings.Limits(4096, 1 << 20, 100, 1 << 20, 10, 10, 10))
                .with((user, password) -> switch (user) {
                    case "late" -> CompletableFuture.failedFuture(new RejectedExecutionException("too many wait"));
                    case "odd" -> CompletableFuture.failedFuture(new IllegalStateException("secret detail"));
                    default ->
                        CompletableFuture.completedFuture(
                                user.isEmpty() || user.equals("ann") && password.equals("right"));
                });
        broker = Broker.start(settings);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void aMessageGoesInAndComesOutAgainOverTheSocketAndAfterARestart() throws Exception {
        try (RawClient client = RawClient.loggedIn(broker.port())) {
            client.send(out -> new Frames.OpenDestination(1, DestinationKind.QUEUE, "orders").encode(out));
            int handle = (int)
                    Frames.Reply.decode(client.read(FrameType.REPLY).body()).value();
            client.send(out -> send(out, handle, 1, "hello"));
            client.read(FrameType.RECEIPT);
        }
        broker.close();
        broker = Broker.start(settings);
        try (RawClient client = RawClient.loggedIn(broker.port())) {
            client.send(out -> new Frames.CreateConsumer(1, 1, DestinationKind.QUEUE, "orders", "", 0, "", 1, 1 << 20)
                    .encode(out));
            client.read(FrameType.REPLY);
            var body = client.read(FrameType.DELIVER).body();
            body.skip(16 + 7);
            assertThat(body.utf8(body.remaining())).endsWith("hello");
        }
    }

    @Test
    void aClientThatReconnectsTakesTheClientIdFromItsEarlierConnectionAtOnce_6_1_2() throws Exception {
        try (RawClient earlier = new RawClient(broker.port());
                RawClient stranger = new RawClient(broker.port());
                RawClient again = new RawClient(broker.port())) {
            earlier.hello("shop", "ann", "right", 5);
            earlier.read(FrameType.WELCOME);
            stranger.hello("shop", "", "", 5);
            assertThat(stranger.read().fatal()).contains("in use");
            again.hello("shop", "ann", "right", 5);
            again.read(FrameType.WELCOME);
            assertThat(earlier.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void aStrangersBytesGetAnErrorAndTheBrokerGoesOn() throws Exception {
        try (RawClient stranger = new RawClient(broker.port())) {
            stranger.bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
            assertThat(stranger.read().fatal()).contains("this is an HTTP request");
            assertThat(stranger.isClosedByPeer()).isTrue();
        }
        try (RawClient hasty = new RawClient(broker.port())) {
            hasty.send(out -> FrameType.end(out, FrameType.PING.begin(out)));
            assertThat(hasty.read().fatal()).contains("the first frame must be HELLO");
        }
        RawClient.loggedIn(broker.port()).close();
    }

    @Test
    void aWrongPasswordIsRefusedInTheHandshake() throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.hello("", "ann", "wrong");
            assertThat(client.read().fatal()).startsWith("3 user 'ann' or the password is not accepted");
        }
        try (RawClient client = new RawClient(broker.port())) {
            client.hello("", "ann", "right");
            client.read(FrameType.WELCOME);
        }
    }

    @Test
    void aClientIdIsInUseOnlyOnce() throws Exception {
        try (RawClient first = new RawClient(broker.port());
                RawClient second = new RawClient(broker.port())) {
            first.hello("me", "", "");
            first.read(FrameType.WELCOME);
            second.hello("me", "", "");
            assertThat(second.read().fatal()).contains("'me' is in use");
        }
    }

    @Test
    void pastTheConnectionLimitAClientGetsAnError() throws Exception {
        RawClient[] clients = new RawClient[4];
        for (int i = 0; i < clients.length; i++) clients[i] = RawClient.loggedIn(broker.port());
        try (RawClient surplus = new RawClient(broker.port())) {
            assertThat(surplus.read().fatal()).startsWith("11 ").contains("network.maxConnections");
        }
        for (RawClient client : clients) client.close();
    }

    @Test
    void aMessageOverTheLimitIsRefusedAndTheConnectionGoesOn() throws Exception {
        try (RawClient client = RawClient.loggedIn(broker.port())) {
            client.send(out -> new Frames.OpenDestination(1, DestinationKind.QUEUE, "orders").encode(out));
            int handle = (int)
                    Frames.Reply.decode(client.read(FrameType.REPLY).body()).value();
            client.send(out -> send(out, handle, 1, "x".repeat(5000)));
            var refused = client.read(FrameType.SEND_FAILED).body();
            refused.skip(8);
            assertThat(refused.getUnsignedShort()).isEqualTo(8);
            assertThat(refused.getString()).contains("limits.maxMessage");
            client.send(out -> send(out, handle, 2, "small"));
            client.read(FrameType.RECEIPT);
        }
    }

    @Test
    void aCompressedMessageIsStoredAndDeliveredAsItIs() throws Exception {
        try (RawClient client = RawClient.loggedIn(broker.port())) {
            assertThat(client.welcome().compressions()).isEqualTo(Compression.LZ4.number());
            int handle = open(client);
            client.send(out -> sendCompressed(out, handle, 1, Compression.LZ4, "not LZ4, and never looked at"));
            client.read(FrameType.RECEIPT);
            client.send(out -> new Frames.CreateConsumer(2, 1, DestinationKind.QUEUE, "orders", "", 0, "", 1, 1 << 20)
                    .encode(out));
            client.read(FrameType.REPLY);
            var delivered = client.read(FrameType.DELIVER).body();
            delivered.skip(4 + 8 + 4 + 1 + 2);
            int size = delivered.getInt();
            int at = delivered.position();
            MessageLayout.check(delivered.buffer(), at, size);
            assertThat(MessageLayout.compression(delivered.buffer(), at)).isEqualTo(Compression.LZ4);
            delivered.skip(MessageLayout.bodyAt(delivered.buffer(), at) - at);
            assertThat(delivered.getInt()).isEqualTo(12345);
            assertThat(delivered.utf8(28)).isEqualTo("not LZ4, and never looked at");
        }
    }

    @Test
    void aCompressionThatIsNotPermittedEndsTheConnectionAndNamesTheSetting() throws Exception {
        try (RawClient client = RawClient.loggedIn(broker.port())) {
            int handle = open(client);
            client.send(out -> sendCompressed(out, handle, 1, Compression.ZSTD, "zstd"));
            assertThat(client.read().fatal()).startsWith("17 ").contains("zstd", "network.compression");
        }
    }

    @Test
    void aClientOfAnotherProtocolVersionIsRefusedWithBothVersions() throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.send(out -> {
                int mark = FrameType.HELLO.begin(out);
                out.putInt(Protocol.MAGIC).putShort(1).putShort(2).putShortString("as it was then");
                FrameType.end(out, mark);
            });
            assertThat(client.read().fatal())
                    .contains("the client speaks protocol version 1 to 2, this broker speaks 3");
        }
    }

    private static int open(RawClient client) throws Exception {
        client.send(out -> new Frames.OpenDestination(1, DestinationKind.QUEUE, "orders").encode(out));
        return (int) Frames.Reply.decode(client.read(FrameType.REPLY).body()).value();
    }

    private static void sendCompressed(
            ByteWriter out, int handle, long sequence, Compression compression, String body) {
        int frameAt = out.size();
        send(out, handle, sequence, "1234" + body);
        int messageAt = frameAt + FrameType.HEADER_BYTES + SendFrame.COUNT_AT + Integer.BYTES * 3;
        out.patchByte(messageAt + MessageLayout.VERSION, MessageLayout.COMPRESSED_VERSION);
        out.patchByte(messageAt + MessageLayout.FLAGS, MessageLayout.FLAG_PERSISTENT | compression.flag());
        out.patchInt(MessageLayout.bodyAt(out.toByteBuffer(), messageAt), 12345);
    }

    @Test
    void aLoginThatCouldNotBeCheckedIsToldWhyAndNotThatThePasswordIsWrong() throws Exception {
        try (RawClient late = new RawClient(broker.port());
                RawClient odd = new RawClient(broker.port())) {
            late.hello("", "late", "right", 5);
            assertThat(late.read().fatal()).contains("too many wait");
            odd.hello("", "odd", "right", 6);
            assertThat(odd.read().fatal()).contains("could not check").doesNotContain("secret");
        }
    }

    @Test
    void aSenderThatNeverPausesTakesNoMoreMemoryTheLongerItSends() throws Exception {
        int messages = 27_000; // 80 MB, to nobody
        try (RawClient client = RawClient.loggedIn(broker.port())) {
            client.send(out -> new Frames.OpenDestination(1, DestinationKind.TOPIC, "news").encode(out));
            int handle = (int)
                    Frames.Reply.decode(client.read(FrameType.REPLY).body()).value();
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendInPieces(client, handle, messages));
            long before = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
            long mostBytes = 0;
            for (int confirmed = 0; confirmed < messages; ) {
                confirmed += confirmedBy(client.read(FrameType.RECEIPT));
                mostBytes = Math.max(
                        mostBytes, PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory());
            }
            sending.get();
            assertThat(mostBytes - before).isLessThan(24 << 20);
        }
    }

    /** No piece ends where a frame ends, but the last one. */
    private static void sendInPieces(RawClient client, int handle, int messages) {
        String body = "x".repeat(3_000);
        ByteWriter out = new ByteWriter(1 << 20);
        try {
            for (int i = 1; i <= messages; i++) {
                send(out, handle, i, body);
                if (i % 100 > 0 && i < messages) continue;
                byte[] all = out.toByteArray();
                int now = i == messages ? all.length : all.length - 7;
                client.bytes(Arrays.copyOf(all, now));
                out.clear();
                out.putBytes(Arrays.copyOfRange(all, now, all.length));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int confirmedBy(RawClient.Frame receipt) {
        int sum = 0;
        for (int ranges = receipt.body().getUnsignedShort(); ranges > 0; ranges--) {
            receipt.body().getLong();
            sum += receipt.body().getInt();
        }
        return sum;
    }

    @Test
    void aSecondBrokerOnTheSameDataDirectoryIsRefused() {
        assertThatThrownBy(() -> Broker.start(settings))
                .isInstanceOf(BrokerStartException.class)
                .hasMessageContaining("ALREADY_LOCKED");
    }

    @Test
    void aPortInUseIsNamed() {
        var taken = settings.with(settings.network().withPort(broker.port()));
        var elsewhere = new BrokerSettings(
                directory.resolve("other"),
                taken.network(),
                taken.store(),
                taken.limits(),
                taken.redelivery(),
                true,
                taken.authenticator());
        assertThatThrownBy(() -> Broker.start(elsewhere))
                .isInstanceOf(BrokerStartException.class)
                .hasMessageContaining("" + broker.port())
                .hasMessageContaining("network.port");
    }

    @Test
    void anAddressThatOtherMachinesReachIsRefusedWithoutTls() {
        var open = settings.with(new BrokerSettings.Network("0.0.0.0", 0, 1, 4, 10_000, 0, 1 << 20, 0));
        assertThatThrownBy(() -> Broker.start(open)).hasMessageContaining("TLS");
    }

    private static void send(ByteWriter out, int handle, long sequence, String body) {
        ByteWriter message = new ByteWriter(128);
        message.putByte(MessageLayout.CURRENT_VERSION).putByte(MessageLayout.BODY_BYTES);
        message.putByte(MessageLayout.FLAG_PERSISTENT).putByte(4);
        message.putLong(0).putLong(0).putLong(0).putLong(7).putLong(sequence);
        message.putInt(0).putInt(1).putInt(2).putInt(body.length());
        message.putByte(0).putShort(0).putUtf8(body);
        int mark = FrameType.SEND.begin(out);
        out.putLong(sequence).putLong(0).putInt(1).putInt(handle).putInt(message.size());
        out.putBytes(message.array(), 0, message.size());
        FrameType.end(out, mark);
    }
}
