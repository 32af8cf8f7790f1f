package org.larchmq.store.io;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A data directory in the heap, gone with the object: for brokers inside tests. Holds at most its capacity; a write that
 * would exceed it is refused with DISK_FULL, as a disk would. Space that was written ahead with zeros is counted, so that
 * it is there when it is used, but takes no heap until then. Safe from any thread.
 */
public final class MemoryDisk implements Disk {
    private final long capacityBytes;
    private final Map<String, MemoryFile> files = new HashMap<>(); // guarded by this, like all that follows
    private final Set<String> directories = new HashSet<>(Set.of(""));
    private final Set<String> locks = new HashSet<>();
    private long usedBytes;

    /** @param capacityBytes what all files together may hold */
    public MemoryDisk(long capacityBytes) {
        if (capacityBytes <= 0) throw new IllegalArgumentException("capacityBytes must be positive: " + capacityBytes);
        this.capacityBytes = capacityBytes;
    }

    @Override
    public synchronized DiskFile open(String path, boolean create) {
        MemoryFile file = files.get(path);
        if (file == null) {
            if (!create) throw failure(path, "no such file");
            file = new MemoryFile();
            files.put(path, file);
        }
        file.references++;
        return new Handle(path, file);
    }

    @Override
    public synchronized boolean exists(String path) {
        return files.containsKey(path) || directories.contains(path);
    }

    @Override
    public synchronized List<String> list(String directory) {
        String prefix = directory.isEmpty() ? "" : directory + "/";
        Set<String> names = new TreeSet<>();
        List<String> paths = new ArrayList<>(files.keySet());
        paths.addAll(directories);
        for (String path : paths) {
            if (path.length() <= prefix.length() || !path.startsWith(prefix)) continue;
            String name = path.substring(prefix.length());
            if (name.indexOf('/') < 0) names.add(name);
        }
        return List.copyOf(names);
    }

    @Override
    public synchronized void delete(String path) {
        MemoryFile file = files.remove(path);
        if (file != null) release(file);
    }

    @Override
    public synchronized void rename(String from, String to) {
        MemoryFile file = files.remove(from);
        if (file == null) throw failure(from, "no such file");
        MemoryFile replaced = files.put(to, file);
        if (replaced != null) release(replaced);
    }

    @Override
    public synchronized void createDirectories(String directory) {
        for (int end = directory.indexOf('/'); end >= 0; end = directory.indexOf('/', end + 1)) {
            directories.add(directory.substring(0, end));
        }
        directories.add(directory);
    }

    @Override
    public void syncDirectory(String directory) {
        // as durable as it will ever be
    }

    @Override
    public synchronized long usableBytes() {
        return capacityBytes - usedBytes;
    }

    @Override
    public long totalBytes() {
        return capacityBytes;
    }

    @Override
    public synchronized AutoCloseable lock(String path) {
        if (!locks.add(path)) {
            throw new StoreException(
                    StoreError.ALREADY_LOCKED, describe(path), StoreException.NO_OFFSET, "held by this process", null);
        }
        return () -> {
            synchronized (this) {
                locks.remove(path);
            }
        };
    }

    @Override
    public String describe(String path) {
        return "memory:" + path;
    }

    /** A name or a handle of the file is gone; with the last of them its space is free. */
    private void release(MemoryFile file) {
        if (--file.references == 0) usedBytes -= file.size();
    }

    /** Counts the bytes by which a file grows before it does. */
    private synchronized void reserve(MemoryFile file, long newSizeBytes, String path) {
        long growth = newSizeBytes - file.size();
        if (growth <= 0) return;
        if (growth > capacityBytes - usedBytes) {
            String detail = "it keeps at most " + capacityBytes + " bytes in memory";
            throw new StoreException(StoreError.DISK_FULL, describe(path), file.size(), detail, null);
        }
        usedBytes += growth;
        file.resize(newSizeBytes);
    }

    private synchronized void cut(MemoryFile file, long newSizeBytes) {
        long surplus = file.size() - newSizeBytes;
        if (surplus <= 0) return;
        usedBytes -= surplus;
        file.resize(newSizeBytes);
    }

    private StoreException failure(String path, String detail) {
        return new StoreException(StoreError.IO_ERROR, describe(path), StoreException.NO_OFFSET, detail, null);
    }

    private final class Handle implements DiskFile {
        private final String path;
        private final MemoryFile file;
        private final AtomicBoolean closed = new AtomicBoolean();

        Handle(String path, MemoryFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public int read(ByteBuffer destination, long position) {
            checkOpen();
            return file.read(destination, position);
        }

        @Override
        public void write(ByteBuffer source, long position) {
            checkOpen();
            reserve(file, position + source.remaining(), path);
            file.write(source, position);
        }

        @Override
        public void force(boolean metadata) {
            checkOpen(); // and nothing else: there is no disk
        }

        @Override
        public long size() {
            checkOpen();
            return file.size();
        }

        @Override
        public void truncate(long sizeBytes) {
            checkOpen();
            cut(file, sizeBytes);
        }

        @Override
        public String path() {
            return describe(path);
        }

        @Override
        public void close() {
            if (!closed.compareAndSet(false, true)) return;
            synchronized (MemoryDisk.this) {
                release(file);
            }
        }

        private void checkOpen() {
            if (closed.get()) throw failure(path, "the file is closed");
        }
    }
}
