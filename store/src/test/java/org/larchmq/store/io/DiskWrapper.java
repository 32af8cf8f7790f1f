package org.larchmq.store.io;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.UnaryOperator;

/** A disk whose files a test sees first. */
public class DiskWrapper implements Disk {
    private final Disk disk;
    private final UnaryOperator<DiskFile> files;

    public DiskWrapper(Disk disk, UnaryOperator<DiskFile> files) {
        this.disk = disk;
        this.files = files;
    }

    /** Passes everything on. */
    public static class File implements DiskFile {
        private final DiskFile file;

        public File(DiskFile file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer destination, long position) {
            return file.read(destination, position);
        }

        @Override
        public void write(ByteBuffer source, long position) {
            file.write(source, position);
        }

        @Override
        public void force(boolean metadata) {
            file.force(metadata);
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public void truncate(long sizeBytes) {
            file.truncate(sizeBytes);
        }

        @Override
        public String path() {
            return file.path();
        }

        @Override
        public void close() {
            file.close();
        }
    }

    @Override
    public DiskFile open(String path, boolean create) {
        return files.apply(disk.open(path, create));
    }

    @Override
    public boolean exists(String path) {
        return disk.exists(path);
    }

    @Override
    public List<String> list(String directory) {
        return disk.list(directory);
    }

    @Override
    public void delete(String path) {
        disk.delete(path);
    }

    @Override
    public void rename(String from, String to) {
        disk.rename(from, to);
    }

    @Override
    public void createDirectories(String directory) {
        disk.createDirectories(directory);
    }

    @Override
    public void syncDirectory(String directory) {
        disk.syncDirectory(directory);
    }

    @Override
    public long usableBytes() {
        return disk.usableBytes();
    }

    @Override
    public long totalBytes() {
        return disk.totalBytes();
    }

    @Override
    public AutoCloseable lock(String path) {
        return disk.lock(path);
    }

    @Override
    public String describe(String path) {
        return disk.describe(path);
    }
}
