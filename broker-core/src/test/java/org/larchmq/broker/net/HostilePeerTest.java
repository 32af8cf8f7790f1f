package org.larchmq.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.DestinationKind;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;

/** Peers that do with a socket what no client does: the broker, with two event loops, goes on for everybody else. */
class HostilePeerTest {
    @TempDir
    Path directory;

    private final CompletableFuture<Boolean> lateAnswer = new CompletableFuture<>();
    private Broker broker;

    @BeforeEach
    void start() throws Exception {
        broker = Broker.start(BrokerSettings.defaults(directory)
                .with(new BrokerSettings.Network("127.0.0.1", 0, 2, 400, 10_000, 0, 1 << 20, 0))
                .with((user, password) ->
                        user.equals("late") ? lateAnswer : CompletableFuture.completedFuture(user.isEmpty())));
    }

    @AfterEach
    void stop() throws Exception {
        assertThat(broker.failure()).isNotDone();
        RawClient.loggedIn(broker.port()).close();
        broker.close();
    }

    @Test
    void framesThatComeBeforeWelcomeWaitUntilTheClientIsKnown() throws Exception {
        for (int round = 0; round < 100; round++) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                RawClient client = new RawClient(broker.port());
                client.hello("", "", "");
                for (int ping = 0; ping < 5; ping++) client.send(out -> FrameType.end(out, FrameType.PING.begin(out)));
                clients.add(client);
            }
            for (RawClient client : clients) {
                client.read(FrameType.WELCOME);
                for (int ping = 0; ping < 5; ping++) client.read(FrameType.PONG);
                client.close();
            }
        }
    }

    @Test
    void partsThatArePipelinedAllArriveThoughTheirConnectionsAreHeldMeanwhile() throws Exception {
        int part = 1 << 20;
        for (int i = 0; i < 4; i++) {
            try (RawClient bulk = RawClient.loggedIn(broker.port())) {
                for (int at = 0; at < 12 * part; at += part) {
                    int bodyAt = at;
                    bulk.send(out -> {
                        int mark = FrameType.PART.begin(out);
                        out.putInt(bodyAt).putInt(part).putBytes(new byte[part]);
                        FrameType.end(out, mark);
                    });
                }
                bulk.send(out -> FrameType.end(out, FrameType.PING.begin(out)));
                bulk.read(FrameType.PONG);
            }
        }
    }

    @Test
    void whatArrivesWhileAPasswordIsCheckedStaysWithItsSender() throws Exception {
        try (RawClient flooding = new RawClient(broker.port())) {
            flooding.hello("", "late", "x");
            byte[] megabyte = new byte[1 << 20];
            Thread flood = new Thread(() -> {
                try {
                    for (int i = 0; i < 256; i++) flooding.bytes(megabyte);
                } catch (IOException e) {
                    // the broker has closed it
                }
            });
            flood.start();
            for (int i = 0; i < 20; i++) RawClient.loggedIn(broker.port()).close();
            assertThat(flood.isAlive()).isTrue();
            lateAnswer.complete(false);
            flood.join(20_000);
            assertThat(flood.isAlive()).isFalse();
        }
    }

    @Test
    void aClientThatReadsNoAnswersIsNotReadAnyMore() throws Exception {
        try (RawClient silent = RawClient.loggedIn(broker.port())) {
            ByteWriter requests = new ByteWriter(1 << 20);
            for (int i = 0; i < 20_000; i++) {
                int mark = FrameType.ADMIN.begin(requests);
                requests.putInt(1).putShortString("status");
                FrameType.end(requests, mark);
            }
            byte[] many = requests.toByteArray();
            Thread flood = new Thread(() -> {
                try {
                    for (int i = 0; i < 200; i++) silent.bytes(many);
                } catch (IOException e) {
                    // the end of the test closes it
                }
            });
            flood.start();
            long most = 0;
            for (int i = 0; i < 100; i++) {
                try (RawClient other = RawClient.loggedIn(broker.port())) {
                    other.send(out -> FrameType.end(out, FrameType.PING.begin(out)));
                    other.read(FrameType.PONG);
                }
                most = Math.max(most, broker.status().outputBytes());
            }
            assertThat(flood.isAlive()).isTrue();
            assertThat(most).isLessThan(12 << 20);
            silent.close();
            flood.join(20_000);
        }
    }

    @Test
    void otherProtocolsAreNamed() throws Exception {
        assertThat(answerTo("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes())).contains("this is an HTTP request");
        assertThat(answerTo(new byte[] {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00}))
                .contains("this is a TLS handshake");
        assertThat(answerTo("AMQP\0\1\0\0".getBytes())).contains("this is an AMQP connection");
        assertThat(answerTo(new byte[] {0x55, 0x55, 0x55, 0x55})).contains("is the client one of another protocol?");
    }

    private String answerTo(byte[] bytes) throws IOException {
        try (RawClient stranger = new RawClient(broker.port())) {
            stranger.bytes(bytes);
            return stranger.read().fatal();
        }
    }

    @Test
    void aClientIdOfSeventyThousandCharactersIsRefusedAsOne() throws Exception {
        try (RawClient client = RawClient.loggedIn(broker.port())) {
            client.send(out -> {
                int mark = FrameType.SET_CLIENT_ID.begin(out);
                out.putInt(1).putShortString("x".repeat(65_535));
                FrameType.end(out, mark);
            });
            assertThat(Frames.Reply.decode(client.read(FrameType.REPLY).body()).code())
                    .isEqualTo(org.larchmq.message.ErrorCode.INVALID_CLIENT_ID);
        }
    }

    @Test
    void aFrameOfFourMegabytesOfTheSameRangeIsRefusedAtOnce() throws Exception {
        try (RawClient client = RawClient.loggedIn(broker.port())) {
            client.send(out -> new Frames.CreateConsumer(1, 1, DestinationKind.QUEUE, "orders", "", 0, "", 1, 1 << 20)
                    .encode(out));
            client.read(FrameType.REPLY);
            client.send(out -> {
                int mark = FrameType.ACK.begin(out);
                int ranges = (Protocol.MAX_FRAME_BYTES - 100) / 12;
                out.putInt(0).putByte(0).putShort(1).putInt(1).putLong(0).putInt(ranges);
                for (int i = 0; i < ranges; i++) out.putLong(1).putInt(1000);
                FrameType.end(out, mark);
            });
            assertThat(client.read().fatal()).contains("ascending");
        }
    }
}
