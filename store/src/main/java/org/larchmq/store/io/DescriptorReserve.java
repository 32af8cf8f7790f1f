package org.larchmq.store.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A few open files that are closed when the process may open no more, so that what the store needs can be opened in their
 * place: connections, which come from outside, must not stop it. Safe from any thread.
 */
final class DescriptorReserve implements AutoCloseable {
    static final int FILES = 4;

    private final Path directory;
    private boolean kept; // guarded by this
    private final Deque<FileChannel> held = new ArrayDeque<>(); // guarded by this

    /** Empty until {@link #keep}. @param directory what is opened so many times */
    DescriptorReserve(Path directory) {
        this.directory = directory;
        NioFailures.load();
    }

    /** Something that needs an open file, for a moment or for long. */
    @FunctionalInterface
    interface Opening<T> {
        T open() throws IOException;
    }

    /** Opens something, giving up the reserve file by file where needed; fills it again when that is possible. */
    <T> T open(Opening<T> opening) throws IOException {
        while (true) {
            try {
                T opened = opening.open();
                fill();
                return opened;
            } catch (IOException e) {
                if (!NioFailures.isOutOfDescriptors(e) || !release()) throw e;
            }
        }
    }

    synchronized int size() {
        return held.size();
    }

    private synchronized boolean release() throws IOException {
        FileChannel next = held.poll();
        if (next == null) return false;
        next.close();
        return true;
    }

    /** From now on files are held, as far as the process may open them, until {@link #close}. */
    synchronized void keep() {
        kept = true;
        fill();
    }

    @Override
    public synchronized void close() throws IOException {
        kept = false;
        while (release()) {
            // all of them
        }
    }

    private synchronized void fill() {
        if (!kept) return;
        try {
            while (held.size() < FILES) held.add(FileChannel.open(directory, StandardOpenOption.READ));
        } catch (IOException noMoreNow) {
            // what is held is all there is
        }
    }
}
