package org.larchmq.jms.net;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/** Who reads: whoever waits, and the connection's own thread when that is better. */
@Timeout(60)
class ReadTurnTest {
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);

    private Socket client;
    private OutputStream broker;
    private final Requests requests = new Requests();
    private final CountDownLatch pinged = new CountDownLatch(1);
    private final CompletableFuture<Exception> failed = new CompletableFuture<>();
    private ReadTurn turn;

    private void start(long lastChanceNanos, Runnable onPing) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            client = new Socket(server.getInetAddress(), server.getLocalPort());
            broker = server.accept().getOutputStream();
        }
        FrameReader frames = new FrameReader(client.getInputStream(), 1 << 20);
        Outbound outbound = new Outbound(new ByteArrayOutputStream(), broken -> {}, 1000, "test");
        turn = new ReadTurn(
                new Inbound(frames, outbound, requests, new Events(), 1 << 20),
                () -> {
                    pinged.countDown();
                    onPing.run();
                },
                this::fail,
                new ReadTurn.Patience(TimeUnit.MILLISECONDS.toNanos(2), lastChanceNanos, 0),
                "test");
        turn.start();
    }

    private void fail(Exception why) {
        failed.complete(why);
        turn.end();
        try {
            broker.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        requests.fail(new JMSException("lost"));
    }

    @AfterEach
    void end() throws Exception {
        turn.end();
        broker.close();
        client.close();
        turn.standby().join();
    }

    private void send(ByteWriter frame) {
        try {
            broker.write(frame.array(), 0, frame.size());
            broker.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void answer(int id) {
        ByteWriter frame = new ByteWriter(64);
        new Frames.Reply(id, ErrorCode.OK, "", id, "").encode(frame);
        send(frame);
    }

    private void pong() {
        ByteWriter frame = new ByteWriter(64);
        FrameType.end(frame, FrameType.PONG.begin(frame));
        send(frame);
    }

    @Test
    void everyWaiterGetsItsAnswerWhoeverReads() throws Exception {
        start(LONG, () -> {});
        List<Requests.Request> answered = new ArrayList<>();
        List<CompletableFuture<Boolean>> waiters = new ArrayList<>();
        for (int round = 0; round < 200; round++) {
            waiters.clear();
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 1 + round % 4; i++) {
                Requests.Request request = new Requests.Request(null);
                ids.add(requests.register(request));
                answered.add(request);
                waiters.add(CompletableFuture.supplyAsync(() -> request.await(turn, LONG)));
            }
            ids.forEach(this::answer);
            for (CompletableFuture<Boolean> waiter : waiters)
                assertThat(waiter.get()).isTrue();
        }
        assertThat(answered).allMatch(request -> request.reply().value() > 0);
    }

    @Test
    void withNobodyWaitingTheConnectionsOwnThreadReads() throws Exception {
        start(LONG, () -> {});
        for (int i = 0; i < 3; i++) {
            Requests.Request request = new Requests.Request(null);
            answer(requests.register(request));
            assertThat(request.await(turn, LONG)).isTrue();
        }
        CountDownLatch told = new CountDownLatch(1);
        Requests.Request unattended = new Requests.Request(reply -> told.countDown());
        answer(requests.register(unattended));
        assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whileTheReaderIsBusyWithSomethingElseTheConnectionsOwnThreadReads() throws Exception {
        start(LONG, () -> {});
        CountDownLatch told = new CountDownLatch(1);
        takeTheTurn();
        turn.readUntil(() -> true);
        answer(requests.register(new Requests.Request(reply -> told.countDown())));
        assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aNudgedReaderLooksRound() throws Exception {
        start(LONG, this::pong);
        takeTheTurn();
        AtomicReference<Boolean> over = new AtomicReference<>(false);
        CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> turn.readUntil(over::get));
        over.set(true);
        turn.nudge();
        reader.get();
    }

    @Test
    void aReaderWhoseTimeIsOverAsksTheBrokerForASignOfLifeAndLeaves() throws Exception {
        start(LONG, this::pong);
        takeTheTurn();
        turn.readUntil(() -> pinged.getCount() == 0, System.nanoTime() + SOON);
        assertThat(failed).isNotDone();
    }

    @Test
    void aBrokerThatAnswersNotEvenAPingIsGivenUp() throws Exception {
        start(SOON, () -> {});
        takeTheTurn();
        turn.readUntil(() -> false, System.nanoTime() + SOON);
        assertThat(pinged.getCount()).isZero();
        assertThat(failed.get()).hasMessageContaining("not even a PING");
    }

    /** Makes the connection's own thread, which reads, look round and leave the turn to us. */
    private void takeTheTurn() {
        while (!turn.tryTake()) pong(); // only to have something to read
    }

    private void causeAnError() {
        ByteWriter frame = new ByteWriter(64);
        int mark = FrameType.RECALL.begin(frame);
        frame.putInt(1);
        FrameType.end(frame, mark);
        send(frame);
    }

    @Test
    void anErrorOfTheConnectionsOwnThreadEndsTheConnection() throws Exception {
        start(LONG, () -> {});
        causeAnError();
        assertThat(failed.get(10, TimeUnit.SECONDS)).hasRootCauseInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void anErrorInTheThreadThatWaitsEndsTheConnectionAndItsWait() throws Exception {
        start(LONG, () -> {});
        Requests.Request request = new Requests.Request(null);
        requests.register(request);
        CompletableFuture<Boolean> waiter = CompletableFuture.supplyAsync(() -> request.await(turn, LONG));
        causeAnError();
        assertThat(failed.get(10, TimeUnit.SECONDS)).hasRootCauseInstanceOf(OutOfMemoryError.class);
        assertThat(waiter.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(request.failure()).isNotNull();
    }

    private final class Events implements TransportEvents {
        @Override
        public void delivered(DeliveryBatch batch) {
            throw new AssertionError("nothing is delivered here");
        }

        @Override
        public void recalled(int consumerId) {
            throw new OutOfMemoryError("simulated");
        }

        @Override
        public void lost(JMSException why) {
            throw new AssertionError("the transport tells this");
        }
    }
}
