package org.larchmq.store.catalog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.List;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.PowerLoss;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreException;

/** Lets H2 run on a simulated disk; one scheme per disk. H2 does not sync directories, so names are synced at once. */
final class SimulatedFilePath extends FilePath {
    private final String scheme;
    private final SimulatedDisk disk;

    SimulatedFilePath(String scheme, SimulatedDisk disk, String name) {
        this.scheme = scheme;
        this.disk = disk;
        this.name = name;
    }

    private String path() {
        String path = name.substring(scheme.length() + 1);
        return path.startsWith("/") ? path.substring(1) : path;
    }

    private SimulatedFilePath of(String path) {
        return new SimulatedFilePath(scheme, disk, scheme + ":" + path);
    }

    private void syncDirectory() {
        int slash = path().lastIndexOf('/');
        disk.syncDirectory(slash < 0 ? "" : path().substring(0, slash));
    }

    @Override
    public long size() {
        return disk.sizeOf(path());
    }

    @Override
    public void moveTo(FilePath target, boolean atomicReplace) {
        disk.rename(path(), ((SimulatedFilePath) target).path());
        syncDirectory();
    }

    @Override
    public boolean createFile() {
        if (disk.exists(path())) return false;
        disk.open(path(), true).close();
        syncDirectory();
        return true;
    }

    @Override
    public boolean exists() {
        return isDirectory() || disk.exists(path());
    }

    @Override
    public void delete() {
        disk.delete(path());
        syncDirectory();
    }

    @Override
    public List<FilePath> newDirectoryStream() {
        List<FilePath> children = new ArrayList<>();
        for (String child : disk.list(path())) children.add(of(path() + "/" + child));
        return children;
    }

    @Override
    public FilePath toRealPath() {
        return this;
    }

    @Override
    public FilePath getParent() {
        int slash = path().lastIndexOf('/');
        return slash < 0 ? null : of(path().substring(0, slash));
    }

    @Override
    public boolean isDirectory() {
        return path().indexOf('.') < 0; // directories have no dot in their names here
    }

    @Override
    public boolean isRegularFile() {
        return disk.paths().contains(path());
    }

    @Override
    public boolean isAbsolute() {
        return true;
    }

    @Override
    public long lastModified() {
        return 0;
    }

    @Override
    public boolean canWrite() {
        return true;
    }

    @Override
    public void createDirectory() {
        disk.createDirectories(path());
    }

    @Override
    public boolean setReadOnly() {
        return false;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        boolean created = !disk.exists(path());
        try {
            DiskFile file = disk.open(path(), !mode.equals("r"));
            if (created) syncDirectory();
            return new Channel(file);
        } catch (PowerLoss | StoreException e) {
            throw new IOException(e);
        }
    }

    @Override
    public String getScheme() {
        return scheme;
    }

    @Override
    public FilePath getPath(String path) {
        return new SimulatedFilePath(scheme, disk, path);
    }

    private static final class Channel extends FileBaseDefault {
        private final DiskFile file;

        Channel(DiskFile file) {
            this.file = file;
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public int read(ByteBuffer destination, long position) throws IOException {
            try {
                int count = file.read(destination, position);
                return count == 0 && destination.hasRemaining() ? -1 : count;
            } catch (PowerLoss | StoreException e) {
                throw new IOException(e);
            }
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            int count = source.remaining();
            try {
                file.write(source, position);
                return count;
            } catch (PowerLoss | StoreException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void force(boolean metadata) throws IOException {
            try {
                file.force(metadata);
            } catch (PowerLoss | StoreException e) {
                throw new IOException(e);
            }
        }

        @Override
        protected void implTruncate(long size) throws IOException {
            try {
                file.truncate(size);
            } catch (PowerLoss | StoreException e) {
                throw new IOException(e);
            }
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) {
            return new FileLock(FileChannelStub.OPEN, position, size, shared) {
                @Override
                public boolean isValid() {
                    return true;
                }

                @Override
                public void release() {
                    // nobody else uses a simulated disk
                }
            };
        }

        @Override
        protected void implCloseChannel() {
            file.close();
        }
    }
}
