package org.larchmq.store.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The real disk, through java.nio. Files are reached by positional reads and writes, never mapped: a mapping on a full
 * disk dies with SIGBUS. Never interrupt a thread that is inside: java.nio closes the file under it.
 */
public final class NioDisk implements Disk {
    private static final Logger LOG = LoggerFactory.getLogger(NioDisk.class);

    private final Path root;

    /** Creates the data directory when it is missing. */
    public NioDisk(Path dataDirectory) {
        this.root = dataDirectory.toAbsolutePath().normalize();
        createDirectories("");
    }

    @Override
    public DiskFile open(String path, boolean create) {
        Path file = resolve(path);
        try {
            FileChannel channel = create
                    ? FileChannel.open(
                            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)
                    : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            return new NioDiskFile(file.toString(), channel);
        } catch (IOException e) {
            throw NioFailures.of(e, file.toString(), StoreException.NO_OFFSET);
        }
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(resolve(path));
    }

    @Override
    public List<String> list(String directory) {
        Path path = resolve(directory);
        if (!Files.isDirectory(path)) return List.of();
        try (Stream<Path> children = Files.list(path)) {
            return children.map(child -> child.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw NioFailures.of(e, path.toString(), StoreException.NO_OFFSET);
        }
    }

    @Override
    public void delete(String path) {
        run(path, () -> Files.deleteIfExists(resolve(path)));
    }

    @Override
    public void rename(String from, String to) {
        run(
                from,
                () -> Files.move(
                        resolve(from),
                        resolve(to),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING));
    }

    @Override
    public void createDirectories(String directory) {
        Path path = resolve(directory);
        if (Files.isDirectory(path)) return;
        run(directory, () -> Files.createDirectories(path));
        for (Path parent = path.getParent(); parent != null && parent.startsWith(root); parent = parent.getParent()) {
            sync(parent);
        }
    }

    @Override
    public void syncDirectory(String directory) {
        sync(resolve(directory));
    }

    @Override
    public long usableBytes() {
        try {
            return Files.getFileStore(root).getUsableSpace();
        } catch (IOException e) {
            throw NioFailures.of(e, root.toString(), StoreException.NO_OFFSET);
        }
    }

    @Override
    public long totalBytes() {
        try {
            return Files.getFileStore(root).getTotalSpace();
        } catch (IOException e) {
            throw NioFailures.of(e, root.toString(), StoreException.NO_OFFSET);
        }
    }

    @Override
    public AutoCloseable lock(String path) {
        Path file = resolve(path);
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                String holder = readText(channel);
                channel.close();
                throw new StoreException(
                        StoreError.ALREADY_LOCKED,
                        root.toString(),
                        StoreException.NO_OFFSET,
                        holder.isBlank() ? "" : "held by process " + LockText.holder(holder),
                        null);
            }
            if (!LockText.isWhole(readText(channel))) {
                LOG.warn(
                        "A lock file is not what was written: a sign of a failing disk, or of a power loss; nothing depends"
                                + " on it [file={} offset=0]",
                        file);
            }
            channel.truncate(0);
            String self = LockText.of(ProcessHandle.current().pid());
            channel.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.ISO_8859_1)), 0);
            return channel;
        } catch (IOException e) {
            throw NioFailures.of(e, file.toString(), StoreException.NO_OFFSET);
        }
    }

    @Override
    public String describe(String path) {
        return resolve(path).toString();
    }

    private void sync(Path directory) {
        run(directory.toString(), () -> {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                flush(channel, directory);
            }
        });
    }

    private static void flush(FileChannel channel, Path path) {
        try {
            channel.force(true);
        } catch (IOException e) {
            String detail = String.valueOf(e.getMessage());
            throw new StoreException(StoreError.FLUSH_FAILED, path.toString(), StoreException.NO_OFFSET, detail, e);
        }
    }

    private Path resolve(String path) {
        return path.isEmpty() ? root : root.resolve(path);
    }

    private void run(String path, IoAction action) {
        try {
            action.run();
        } catch (IOException e) {
            throw NioFailures.of(e, describe(path), StoreException.NO_OFFSET);
        }
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    private static String readText(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(32);
        channel.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
    }

    @FunctionalInterface
    private interface IoAction {
        void run() throws IOException;
    }
}
