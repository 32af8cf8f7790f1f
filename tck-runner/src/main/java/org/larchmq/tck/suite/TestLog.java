package org.larchmq.tck.suite;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** What the TCK logs: all of it goes to a file, and the part of the current test is kept, up to a bound. */
final class TestLog extends OutputStream {
    private static final int KEPT_BYTES = 256 * 1024;

    private final OutputStream file;
    private final ByteArrayOutputStream current = new ByteArrayOutputStream();

    TestLog(OutputStream file) {
        this.file = file;
    }

    @Override
    public synchronized void write(int b) throws IOException {
        file.write(b);
        if (current.size() < KEPT_BYTES) current.write(b);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        file.write(bytes, offset, length);
        current.write(bytes, offset, Math.min(length, Math.max(0, KEPT_BYTES - current.size())));
    }

    @Override
    public synchronized void flush() throws IOException {
        file.flush();
    }

    /** Forgets what earlier tests have logged. */
    synchronized void begin() {
        current.reset();
    }

    /** What was logged since {@link #begin}. */
    synchronized String current() {
        return current.toString(StandardCharsets.UTF_8);
    }
}
