package org.larchmq.checker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;

/**
 * Reads history files as one stream, merged by time; every {@code iterator()} starts from the beginning. The last line
 * of a file may be torn (its writer was killed) and is then left out; a bad line anywhere else is an error that names
 * file and line.
 */
public final class HistoryReader implements Iterable<HistoryRecord> {
    private final List<Path> files;

    private HistoryReader(List<Path> files) {
        this.files = List.copyOf(files);
    }

    public static HistoryReader of(Path... files) {
        return new HistoryReader(List.of(files));
    }

    public static HistoryReader of(List<Path> files) {
        return new HistoryReader(files);
    }

    @Override
    public Iterator<HistoryRecord> iterator() {
        if (files.size() == 1) return new OneFile(files.get(0));
        return new Merged(files);
    }

    private static final class Merged implements Iterator<HistoryRecord> {
        private record Head(HistoryRecord record, int file, OneFile rest) {}

        private final PriorityQueue<Head> heads = new PriorityQueue<>(
                Comparator.comparingLong((Head h) -> h.record.tMonoNanos()).thenComparingInt(Head::file));

        Merged(List<Path> files) {
            for (int i = 0; i < files.size(); i++) push(i, new OneFile(files.get(i)));
        }

        private void push(int file, OneFile rest) {
            if (rest.hasNext()) heads.add(new Head(rest.next(), file, rest));
        }

        @Override
        public boolean hasNext() {
            return !heads.isEmpty();
        }

        @Override
        public HistoryRecord next() {
            if (heads.isEmpty()) throw new NoSuchElementException();
            Head head = heads.poll();
            push(head.file, head.rest);
            return head.record;
        }
    }

    private static final class OneFile implements Iterator<HistoryRecord> {
        private final Path file;
        private final InputStream in;
        private final HistoryCodec codec = new HistoryCodec();
        private byte[] buffer = new byte[1 << 20];
        private int from;
        private int to;
        private long lineNumber;
        private HistoryRecord next;

        OneFile(Path file) {
            this.file = file;
            try {
                this.in = Files.newInputStream(file);
                advance();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the history file " + file, e);
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public HistoryRecord next() {
            if (next == null) throw new NoSuchElementException();
            HistoryRecord result = next;
            try {
                advance();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the history file " + file, e);
            }
            return result;
        }

        private void advance() throws IOException {
            next = null;
            int lineEnd = endOfLine();
            if (lineEnd < 0) {
                in.close(); // what is left without a line feed was torn when its writer died
                return;
            }
            lineNumber++;
            next = decode(lineEnd);
            from = lineEnd + 1;
        }

        private HistoryRecord decode(int lineEnd) throws IOException {
            try {
                return codec.decode(buffer, from, lineEnd);
            } catch (IllegalArgumentException e) {
                in.close();
                throw new IllegalArgumentException(file + ":" + lineNumber + ": " + e.getMessage(), e);
            }
        }

        private int endOfLine() throws IOException {
            int scanned = from;
            while (true) {
                for (int i = scanned; i < to; i++) {
                    if (buffer[i] == '\n') return i;
                }
                scanned = to - from;
                makeRoom();
                int count = in.read(buffer, to, buffer.length - to);
                if (count < 0) return -1;
                to += count;
            }
        }

        private void makeRoom() {
            if (from > 0) {
                System.arraycopy(buffer, from, buffer, 0, to - from);
                to -= from;
                from = 0;
            }
            if (to == buffer.length) buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
    }
}
