package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.settings.Authenticator;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.wire.ClientIdentity;
import org.larchmq.wire.ClientSecret;
import org.larchmq.wire.FrameType;

/**
 * Several clients that send what they like, in sequences of frames on small segments, a disk that gets full, and
 * connections that end at any point: whatever they do ends at most their connection, and afterwards a client that keeps
 * to the rules is served, also after a restart.
 */
class HostileSequenceTest {
    private static final int SEEDS = Integer.getInteger("larchmq.hostileSeeds", 1_500);
    private static final int FIRST_SEED = Integer.getInteger("larchmq.hostileFirstSeed", 1);
    private static final int STEPS = 120;

    private static final BrokerSettings SETTINGS = SimulatedBroker.SETTINGS
            .with(new BrokerSettings.Limits(100_000, 150_000, 40, 1 << 20, 12, 4, 600))
            .with(new BrokerSettings.Redelivery(3, "DLQ", 5, 2, 50));

    @Test
    void whateverClientsSendEndsAtMostTheirConnection() {
        Map<ErrorCode, Integer> answers = new TreeMap<>();
        IntStream.range(FIRST_SEED, FIRST_SEED + SEEDS).forEach(seed -> {
            Run run = new Run(seed);
            try {
                run.run();
            } catch (Throwable e) { // an Error as well is to name its seed
                throw new AssertionError("seed " + seed + ", step " + run.step + ", " + run.doing, e);
            }
            run.answers.forEach((code, count) -> answers.merge(code, count, Integer::sum));
        });
        System.out.println(SEEDS + " hostile sequences of " + STEPS + " frames, answered with " + answers);
        if (SEEDS >= 500) assertThat(answers).containsKeys(ErrorCode.OK, ErrorCode.DISK_FULL, ErrorCode.LIMIT_REACHED);
    }

    private static final class Run {
        private final Random random;
        private final SimulatedClock clock = new SimulatedClock();
        private SimulatedDisk disk;
        private SimulatedBroker broker;
        private ClientRequests requests;
        private final List<Peer> peers = new ArrayList<>();
        private final Map<ErrorCode, Integer> answers = new TreeMap<>();
        private final HostileFrames.Theme theme;
        private int step;
        private String doing = "start";

        private final class Peer {
            private final ClientIdentity identity;
            private final String user;
            private HostileLink link;
            private ClientConnection connection;

            Peer(String user) {
                this.user = user;
                this.identity = new ClientIdentity(user, ClientSecret.random());
            }

            void connect() {
                link = new HostileLink(random, broker.shard::touched);
                String clientId = random.nextBoolean() ? "" : "client" + peers.indexOf(this);
                connection = broker.shard.connected(link, identity, user, "hostile", clientId);
                if (random.nextInt(10) == 0) return;
                for (byte[] frame : frames().introduction()) {
                    try {
                        requests.handle(connection, FrameType.of(frame[4]), ByteBuffer.wrap(frame), 5, frame.length);
                    } catch (StoreException e) {
                        if (e.error() != StoreError.DISK_FULL) throw e;
                    }
                }
            }

            HostileFrames frames() {
                return new HostileFrames(random, theme, link, connection, clock.currentTimeMillis());
            }

            void disconnect() {
                link.answers.forEach((code, count) -> answers.merge(code, count, Integer::sum));
                if (connection != null) broker.shard.disconnected(connection);
                connection = null;
            }
        }

        Run(int seed) {
            random = new Random(seed);
            theme = new HostileFrames.Theme(random);
            disk = new SimulatedDisk(seed);
        }

        void run() {
            if (random.nextInt(3) == 0) disk.capacity(6 << 20);
            start();
            for (int i = 0; i < 3; i++) peers.add(new Peer(i == 2 ? Authenticator.OPERATOR : ""));
            peers.forEach(Peer::connect);
            for (step = 0; step < STEPS; step++) {
                doing = "something beside frames";
                somethingElse();
                Peer peer = peers.get(random.nextInt(peers.size()));
                handle(peer, peer.frames().next());
                if (random.nextInt(3) > 0) broker.run();
                else for (int turns = random.nextInt(3); turns > 0; turns--) broker.loop.runOne();
            }
            doing = "the end";
            peers.forEach(Peer::disconnect);
            broker.run();
            disk.capacity(1L << 40);
            broker.advance(1_000);
            serveAnHonestClient();
            if (random.nextInt(4) == 0) broker.stop();
            else broker.run();
            disk = disk.afterProcessDeath();
            doing = "a restart";
            start();
            serveAnHonestClient();
        }

        private void start() {
            broker = new SimulatedBroker(disk, clock, random.nextBoolean(), SETTINGS);
            requests = new ClientRequests(broker.shard, command -> null);
        }

        private void somethingElse() {
            int dice = random.nextInt(100);
            if (dice < 4) {
                Peer peer = peers.get(random.nextInt(peers.size()));
                peer.disconnect();
                peer.connect();
            } else if (dice < 12) {
                broker.advance(random.nextInt(60));
            } else if (dice < 20) {
                Peer peer = peers.get(random.nextInt(peers.size()));
                peer.link.writable = true;
                broker.shard.writable(peer.connection);
            } else if (dice < 21) {
                disk.capacity(random.nextBoolean() ? 1L << 40 : Math.max(1, disk.totalBytes() - disk.usableBytes()));
            }
        }

        /** As the endpoint does it. */
        private void handle(Peer peer, byte[] frame) {
            FrameType type = FrameType.of(frame[4]);
            doing = type.toString();
            try {
                requests.handle(peer.connection, type, ByteBuffer.wrap(frame), 5, frame.length);
                if (type == FrameType.CLOSE) {
                    peer.disconnect();
                    peer.connect();
                }
            } catch (ProtocolException e) {
                answers.merge(e.code(), 1, Integer::sum);
                peer.disconnect();
                peer.connect();
            } catch (StoreException e) {
                if (e.error() != StoreError.DISK_FULL) throw e;
                answers.merge(ErrorCode.DISK_FULL, 1, Integer::sum);
                peer.disconnect();
                peer.connect();
            }
        }

        private void serveAnHonestClient() {
            doing = "an honest client";
            SimulatedClient honest = broker.connectAs("honest");
            List<ErrorCode> receipts = new ArrayList<>();
            int handle = honest.queue("DLQ"); // never refused for the number of destinations
            honest.send(handle, SimulatedClient.message(77, step, new byte[] {42}, true, 9, 0), receipts::add);
            broker.run();
            assertThat(receipts).containsExactly(ErrorCode.OK);
            honest.consume(1, DestinationKind.QUEUE, "DLQ", "", 100_000, reply -> {});
            broker.run();
            assertThat(honest.deliveries).anyMatch(delivery -> delivery.producerId() == 77);
            for (var delivery : List.copyOf(honest.deliveries)) {
                honest.acknowledge(false, reply -> {}, new long[] {1, delivery.sequence(), 1});
            }
            broker.run();
            honest.disconnect();
            broker.run();
        }
    }
}
