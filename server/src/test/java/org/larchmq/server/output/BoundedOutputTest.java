package org.larchmq.server.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class BoundedOutputTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Semaphore reader = new Semaphore(0);
    private final CountDownLatch stuck = new CountDownLatch(1);

    /** Like a pipe: takes nothing until somebody reads. */
    private synchronized void writeWhenRead(byte[] bytes) throws IOException {
        stuck.countDown();
        reader.acquireUninterruptibly();
        written.writeBytes(bytes);
    }

    private BoundedOutput output(BoundedOutput.Sink sink) {
        return new BoundedOutput("output under test", sink, 10, lost -> bytes(lost + " lost\n"));
    }

    @Test
    void linesThatFindNoRoomAreCountedWhereTheyAreMissing() throws Exception {
        BoundedOutput output = output(this::writeWhenRead);
        output.write(bytes("one\n"));
        stuck.await();
        for (String line : new String[] {"two\n", "three\n", "four\n"}) output.write(bytes(line));
        assertThat(output.flush(0)).as("nobody reads").isFalse();

        reader.release(100);
        assertThat(output.flush(10_000)).isTrue();
        output.write(bytes("five\n"));
        assertThat(output.flush(10_000)).isTrue();

        assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("one\ntwo\n2 lost\nfive\n");
    }

    @Test
    void lossesAreReportedWithoutAFurtherLine() throws Exception {
        BoundedOutput output = output(this::writeWhenRead);
        output.write(bytes("12345678\n"));
        stuck.await();
        output.write(bytes("lost\n"));

        reader.release(100);
        assertThat(output.flush(10_000)).isTrue();

        assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("12345678\n1 lost\n");
    }

    @Test
    void anOutputThatIsBrokenLosesLinesAndGoesOn() throws Exception {
        CountDownLatch failures = new CountDownLatch(2);
        BoundedOutput output = output(bytes -> {
            failures.countDown();
            throw new IOException("broken pipe");
        });
        output.write(bytes("one\n"));
        output.flush(10_000);
        output.write(bytes("two\n"));
        failures.await();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
