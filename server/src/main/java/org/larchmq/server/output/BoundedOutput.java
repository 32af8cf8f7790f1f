package org.larchmq.server.output;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * An output whose writers never wait: lines are kept, up to a number of bytes, and a daemon thread writes them. Lines that
 * find no room are counted, and the output says how many are missing where they are. Safe for any thread.
 */
public final class BoundedOutput {
    private static final int LARGEST_WRITE_BYTES = 64 << 10;

    /** Where the bytes go; may block. */
    public interface Sink {
        void write(byte[] bytes) throws IOException;
    }

    private final String name;
    private final Sink sink;
    private final long mostBytes;
    private final LongFunction<byte[]> lossNotice;

    // guarded by this
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private long unreportedLosses;
    private boolean writing;
    private Thread writer;

    /**
     * @param name       of its thread
     * @param mostBytes  that may wait
     * @param lossNotice the line that says how many lines are missing
     */
    public BoundedOutput(String name, Sink sink, long mostBytes, LongFunction<byte[]> lossNotice) {
        if (mostBytes < 1) throw new IllegalArgumentException("mostBytes must be positive: " + mostBytes);
        this.name = Objects.requireNonNull(name, "name");
        this.sink = Objects.requireNonNull(sink, "sink");
        this.mostBytes = mostBytes;
        this.lossNotice = Objects.requireNonNull(lossNotice, "lossNotice");
    }

    /** Keeps a line to be written, or counts it as lost. Does not block. */
    public synchronized void write(byte[] line) {
        if (waitingBytes + line.length > mostBytes) {
            unreportedLosses++;
            return;
        }
        reportLosses();
        keep(line);
        startWriter();
        notifyAll();
    }

    /** Waits until everything is written, or for this long. Returns whether everything was written. */
    public synchronized boolean flush(long atMostMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(atMostMillis);
        while (writing || !waiting.isEmpty()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) return false;
            wait(left);
        }
        return unreportedLosses == 0;
    }

    private void keep(byte[] line) {
        waiting.add(line);
        waitingBytes += line.length;
    }

    /** May exceed the limit by the one line. */
    private void reportLosses() {
        if (unreportedLosses == 0) return;
        keep(lossNotice.apply(unreportedLosses));
        unreportedLosses = 0;
    }

    private void startWriter() {
        if (writer != null) return;
        writer = new Thread(this::writeForEver, name);
        writer.setDaemon(true);
        writer.start();
    }

    private void writeForEver() {
        while (true) {
            try {
                writeOnce();
            } catch (InterruptedException e) {
                return; // nobody interrupts it but the end of the process
            }
        }
    }

    private void writeOnce() throws InterruptedException {
        byte[] bytes;
        int lines;
        synchronized (this) {
            while (waiting.isEmpty()) wait();
            lines = waiting.size();
            bytes = take();
            lines -= waiting.size();
            writing = true;
        }
        boolean written = false;
        try {
            sink.write(bytes);
            written = true;
        } catch (IOException | RuntimeException e) {
            // the reader is gone, or the disk of a file is full: there is nowhere to say so
        } finally {
            afterWriting(bytes.length, written ? 0 : lines);
        }
    }

    /** What is being written counts until it is. */
    private synchronized void afterWriting(int bytes, int lostLines) {
        writing = false;
        waitingBytes -= bytes;
        unreportedLosses += lostLines;
        if (lostLines == 0) reportLosses();
        notifyAll();
    }

    private byte[] take() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        do {
            all.writeBytes(waiting.remove());
        } while (!waiting.isEmpty() && all.size() + waiting.peek().length <= LARGEST_WRITE_BYTES);
        return all.toByteArray();
    }
}
