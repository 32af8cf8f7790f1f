package org.larchmq.checker;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Appends records to a history file. When {@link #write} returns, the record has left the process: it survives a kill of
 * the writer, not a power loss, so the file must be on a disk that is not under fault. Safe from any thread; records of
 * one thread keep their order.
 */
public final class HistoryWriter implements Closeable {
    private final Path file;
    private final OutputStream out;
    private final HistoryCodec codec = new HistoryCodec();
    private long records;

    public HistoryWriter(Path file) {
        this.file = file;
        try {
            if (file.getParent() != null) Files.createDirectories(file.getParent());
            this.out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the history file " + file, e);
        }
    }

    public synchronized void write(HistoryRecord record) {
        try {
            out.write(codec.encode(record)); // unbuffered: one write call per record
            records++;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the history file " + file, e);
        }
    }

    public synchronized long records() {
        return records;
    }

    public Path file() {
        return file;
    }

    @Override
    public synchronized void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the history file " + file, e);
        }
    }
}
