package org.larchmq.jms.net;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.SendFrame;

@Timeout(30)
class OutboundTest {
    private static final int LENGTH_BYTES = 4;

    /** Lets the first write wait until it is told to go on, and keeps what is written after it. */
    private static final class SlowWire extends OutputStream {
        private final CountDownLatch writing = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final ByteArrayOutputStream later = new ByteArrayOutputStream();
        private int laterWrites;

        @Override
        public void write(int b) {
            throw new AssertionError("one byte at a time");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (goOn.getCount() == 0) {
                laterWrites++;
                later.write(bytes, offset, length);
                return;
            }
            writing.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private static void send(Outbound out, int number) throws JMSException {
        byte[] message = ("message " + number).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        out.appendSend(new PendingSend(null), 1, 0, message, 0, message.length, 1000);
        out.flushSoon();
    }

    @Test
    void whatIsSentWhileTheWireIsBusyLeavesInOneWriteAndOneFrame() throws Exception {
        SlowWire wire = new SlowWire();
        Outbound out = new Outbound(
                wire,
                e -> {
                    throw new AssertionError(e);
                },
                1000,
                "test");
        out.setWindow(1 << 20);
        Thread first = new Thread(() -> {
            try {
                send(out, 0);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        first.start();
        wire.writing.await();
        for (int i = 1; i <= 500; i++) send(out, i);
        wire.goOn.countDown();
        first.join();

        ByteBuffer written = ByteBuffer.wrap(wire.later.toByteArray());
        assertThat(wire.laterWrites).isEqualTo(1);
        assertThat(written.getInt(0)).as("length of the frame").isEqualTo(written.capacity() - LENGTH_BYTES);
        assertThat(written.get(LENGTH_BYTES)).isEqualTo(FrameType.SEND.code());
        assertThat(written.getInt(FrameType.HEADER_BYTES + SendFrame.COUNT_AT)).isEqualTo(500);
    }

    @Test
    void aThreadThatMayNotUseTheSocketHasTheFlusherWrite() throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        StringBuilder writers = new StringBuilder();
        OutputStream wire = new OutputStream() {
            @Override
            public void write(int b) {
                throw new AssertionError("one byte at a time");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                writers.append(Thread.currentThread().getName());
                written.countDown();
            }
        };
        Thread me = Thread.currentThread();
        Outbound out = new Outbound(wire, e -> {}, 1000, "test", () -> Thread.currentThread() != me);
        out.setWindow(1 << 20);
        send(out, 1);
        out.flush();
        written.await();
        assertThat(writers).hasToString("test-flusher");
        out.flusher().stop();
    }

    @Test
    void aWriteThatFailsWithAnErrorEndsTheConnection() throws Exception {
        OutputStream wire = new OutputStream() {
            @Override
            public void write(int b) {
                throw new OutOfMemoryError("direct buffer memory");
            }
        };
        CountDownLatch failed = new CountDownLatch(1);
        Outbound out = new Outbound(wire, e -> failed.countDown(), 1000, "test");
        out.setWindow(1 << 20);
        send(out, 1);
        failed.await();
    }
}
