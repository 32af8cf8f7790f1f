package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.XaFrames;

/** A logged-in client may send what it likes: it gets an answer or loses its connection, the shard goes on. */
class HostileFramesTest {
    @Test
    void mutatedFramesNeverDoWorseThanEndTheirConnection() {
        for (int seed = 1; seed <= 30; seed++) {
            Random random = new Random(seed);
            SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(seed), new SimulatedClock());
            ClientRequests requests = new ClientRequests(broker.shard, command -> null);
            SimulatedClient client = broker.connect();
            client.queue("orders");
            List<byte[]> valid = validFrames();
            for (int i = 0; i < 2000; i++) {
                byte[] frame = valid.get(random.nextInt(valid.size())).clone();
                for (int changes = random.nextInt(4); changes > 0; changes--) {
                    int at = 4 + random.nextInt(frame.length - 4);
                    frame[at] = (byte) (random.nextBoolean() ? random.nextInt(4) : random.nextInt(256));
                }
                int to = random.nextInt(10) == 0 ? 5 + random.nextInt(frame.length - 4) : frame.length;
                try {
                    FrameType type = FrameType.of(frame[4]);
                    requests.handle(client.connection, type, ByteBuffer.wrap(frame), 5, Math.min(to, frame.length));
                    broker.run();
                } catch (ProtocolException refused) {
                    client.disconnect();
                    client = broker.connect();
                } catch (RuntimeException e) {
                    throw new AssertionError("seed " + seed + " step " + i + " type " + frame[4], e);
                }
            }
            broker.run();
            SimulatedClient other = broker.connect();
            int handle = other.queue("fresh");
            List<Object> receipts = new ArrayList<>();
            other.send(handle, SimulatedClient.message(1, 1, new byte[3], true, 4, 0), receipts::add);
            broker.run();
            assertThat(receipts).hasSize(1);
        }
    }

    private static List<byte[]> validFrames() {
        List<byte[]> frames = new ArrayList<>();
        byte[] message = SimulatedClient.message(1, 2, new byte[20], true, 4, 0, "red");
        add(frames, out -> new Frames.OpenDestination(1, DestinationKind.QUEUE, "orders").encode(out));
        add(frames, out -> new Frames.OpenDestination(1, DestinationKind.TEMPORARY_TOPIC, "").encode(out));
        add(
                frames,
                out -> new Frames.CreateConsumer(2, 1, DestinationKind.QUEUE, "orders", "tag = 'red'", 0, "", 5, 5000)
                        .encode(out));
        add(
                frames,
                out -> new Frames.CreateConsumer(2, 2, DestinationKind.TOPIC, "prices", "", 17, "", 5, 5000)
                        .encode(out));
        add(frames, out -> new Frames.CloseConsumer(3, 1, 2).encode(out));
        add(frames, out -> {
            int mark = FrameType.SEND.begin(out);
            out.putLong(1).putLong(0).putInt(1).putInt(1).putInt(message.length).putBytes(message);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.SEND.begin(out);
            out.putLong(1).putLong(9).putInt(1).putInt(1).putInt(message.length).putBytes(message);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.COMMIT.begin(out);
            out.putInt(4)
                    .putLong(9)
                    .putShort(1)
                    .putInt(1)
                    .putLong(2)
                    .putInt(1)
                    .putLong(1)
                    .putInt(2);
            out.putInt(1).putInt(1).putInt(message.length).putBytes(message);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.RESEND.begin(out);
            out.putLong(1).putLong(0).putInt(1).putInt(1).putInt(message.length).putBytes(message);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.COMMIT_NAMED.begin(out);
            out.putLong(1)
                    .putInt(4)
                    .putLong(9)
                    .putShort(1)
                    .putInt(1)
                    .putLong(2)
                    .putInt(1)
                    .putLong(1)
                    .putInt(2);
            out.putInt(1).putInt(1).putInt(message.length).putBytes(message);
            FrameType.end(out, mark);
        });
        add(frames, out -> new Frames.TransactionOutcome(5, 1, 9, 0).encode(out));
        add(
                frames,
                out -> new Frames.RestoreDestination(6, DestinationKind.TEMPORARY_QUEUE, "temporary-queue-1")
                        .encode(out));
        byte[] head = java.util.Arrays.copyOf(message, message.length - 20);
        add(frames, out -> {
            int mark = FrameType.PART.begin(out);
            out.putInt(0).putInt(20).putBytes(message, head.length, 20);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.SEND_LARGE.begin(out);
            out.putLong(1).putLong(0).putLong(-1).putInt(1).putInt(head.length).putBytes(head);
            FrameType.end(out, mark);
        });
        for (FrameType type : new FrameType[] {FrameType.ACK, FrameType.RETURN}) {
            add(frames, out -> {
                int mark = type.begin(out);
                out.putInt(5)
                        .putByte(1)
                        .putShort(1)
                        .putInt(1)
                        .putLong(2)
                        .putInt(1)
                        .putLong(1)
                        .putInt(3);
                FrameType.end(out, mark);
            });
        }
        add(frames, out -> {
            int mark = FrameType.CREDIT.begin(out);
            out.putInt(1).putInt(10).putInt(1000);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.DRAIN.begin(out);
            out.putInt(6).putInt(1).putByte(1);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.ROLLBACK.begin(out);
            out.putInt(7).putLong(9);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.DELETE_DESTINATION.begin(out);
            out.putInt(8).putInt(2);
            FrameType.end(out, mark);
        });
        for (int flags = 0; flags < 16; flags += 4) {
            int subscription = flags;
            add(
                    frames,
                    out -> new Frames.CreateConsumer(
                                    10, 3, DestinationKind.TOPIC, "prices", "tag = 'red'", subscription, "eu", 5, 5000)
                            .encode(out));
        }
        add(
                frames,
                out -> new Frames.CreateConsumer(12, 4, DestinationKind.QUEUE, "orders", "", 2, "", 0, 0).encode(out));
        add(frames, out -> {
            int mark = FrameType.BROWSE.begin(out);
            out.putInt(13).putInt(4).putInt(10).putInt(1000);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.UNSUBSCRIBE.begin(out);
            out.putInt(11).putShortString("eu");
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.ASK.begin(out);
            out.putInt(1);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.RETURN.begin(out);
            out.putInt(0)
                    .putByte(2)
                    .putShort(1)
                    .putInt(1)
                    .putLong(2)
                    .putInt(1)
                    .putLong(1)
                    .putInt(2);
            FrameType.end(out, mark);
        });
        BranchId branch = new BranchId(1, new byte[] {1}, new byte[] {2});
        add(frames, out -> XaFrames.encodeStart(10, branch, 0, 9, 50, out));
        add(frames, out -> XaFrames.encodeStart(10, branch, XaFrames.JOIN, 10, 0, out));
        add(frames, out -> {
            int mark = FrameType.XA_END.begin(out);
            branch.encode(out.putInt(11));
            out.putByte(0).putShort(1).putInt(1).putLong(2).putInt(1).putLong(1).putInt(2);
            out.putInt(1).putInt(1).putInt(message.length).putBytes(message);
            FrameType.end(out, mark);
        });
        for (FrameType type : new FrameType[] {FrameType.XA_PREPARE, FrameType.XA_ROLLBACK, FrameType.XA_FORGET}) {
            add(frames, out -> XaFrames.encode(type, 12, branch, out));
        }
        add(frames, out -> {
            int mark = FrameType.SEEN.begin(out);
            out.putInt(1).putLong(1);
            FrameType.end(out, mark);
        });
        for (FrameType type : new FrameType[] {FrameType.PRODUCER, FrameType.PRODUCER_CLOSED}) {
            add(frames, out -> {
                int mark = type.begin(out);
                out.putInt(1);
                FrameType.end(out, mark);
            });
        }
        add(frames, out -> XaFrames.encodeCommit(13, branch, 0, out));
        add(frames, out -> {
            int mark = FrameType.SEEN.begin(out);
            out.putInt(1).putLong(1);
            FrameType.end(out, mark);
        });
        for (FrameType type : new FrameType[] {FrameType.PRODUCER, FrameType.PRODUCER_CLOSED}) {
            add(frames, out -> {
                int mark = type.begin(out);
                out.putInt(1);
                FrameType.end(out, mark);
            });
        }
        add(frames, out -> XaFrames.encodeCommit(13, branch, XaFrames.ONE_PHASE, out));
        add(frames, out -> XaFrames.encodeRecover(14, 0, out));
        add(frames, out -> {
            int mark = FrameType.ADMIN.begin(out);
            out.putInt(9).putShortString("transactions commit " + branch);
            FrameType.end(out, mark);
        });
        add(frames, out -> {
            int mark = FrameType.ADMIN.begin(out);
            out.putInt(9).putShortString("status");
            FrameType.end(out, mark);
        });
        return frames;
    }

    private static void add(List<byte[]> frames, java.util.function.Consumer<ByteWriter> encode) {
        ByteWriter out = new ByteWriter(128);
        encode.accept(out);
        frames.add(out.toByteArray());
    }
}
