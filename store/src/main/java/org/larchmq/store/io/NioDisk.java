package org.larchmq.store.io;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The real disk, through java.nio. Files are reached by positional reads and writes, never mapped: a mapping on a full
 * disk dies with SIGBUS. Never interrupt a thread that is inside: java.nio closes the file under it.
 */
public final class NioDisk implements Disk {
    private static final Logger LOG = LoggerFactory.getLogger(NioDisk.class);

    private static final char NOT_DECODED = '\uFFFD';

    private final Path root;
    private final boolean readOnly;
    private final DescriptorReserve reserve;
    private final Optional<FileStore> fileStore;

    /**
     * Creates the data directory when it is missing.
     *
     * @throws StoreException BAD_PATH, NO_PERMISSION
     */
    public NioDisk(Path dataDirectory) {
        this(dataDirectory, false);
    }

    /** A data directory that is only looked at, which may be a copy on a medium that cannot be written; it must exist. */
    public static NioDisk readOnly(Path dataDirectory) {
        return new NioDisk(dataDirectory, true);
    }

    private NioDisk(Path dataDirectory, boolean readOnly) {
        this.root = absolute(dataDirectory);
        this.readOnly = readOnly;
        this.reserve = new DescriptorReserve(root);
        createDirectories("");
        this.fileStore = fileStoreOf(root);
    }

    /** Java names a directory that the locale cannot write by another name, which would be created. */
    private static Path absolute(Path dataDirectory) {
        Path absolute = dataDirectory.toAbsolutePath().normalize();
        String workingDirectory = dataDirectory.isAbsolute() ? "" : System.getProperty("user.dir", "");
        if (absolute.toString().indexOf(NOT_DECODED) < 0 && workingDirectory.indexOf(NOT_DECODED) < 0) return absolute;
        String detail = "its name has characters that the locale of this process cannot express";
        throw new StoreException(StoreError.BAD_PATH, absolute.toString(), StoreException.NO_OFFSET, detail, null);
    }

    /** Looked up once, since it needs an open file; in a chroot without /proc there is none. */
    private static Optional<FileStore> fileStoreOf(Path root) {
        try {
            return Optional.of(Files.getFileStore(root));
        } catch (IOException e) {
            LOG.info(
                    "The file system of {} is not found among the mounted ones ({}); its size is asked for by path",
                    root,
                    e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public DiskFile open(String path, boolean create) {
        Path file = resolve(path);
        try {
            FileChannel channel = reserve.open(() -> FileChannel.open(file, options(create)));
            return new NioDiskFile(file.toString(), channel);
        } catch (IOException e) {
            throw NioFailures.of(e, file.toString(), StoreException.NO_OFFSET);
        }
    }

    private Set<OpenOption> options(boolean create) {
        if (readOnly) return Set.of(StandardOpenOption.READ);
        if (!create) return Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
        return Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    }

    @Override
    public boolean exists(String path) {
        return Files.exists(resolve(path));
    }

    @Override
    public List<String> list(String directory) {
        Path path = resolve(directory);
        if (!Files.isDirectory(path)) return List.of();
        try (Stream<Path> children = reserve.open(() -> Files.list(path))) {
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
        if (readOnly)
            throw NioFailures.of(new NoSuchFileException(path.toString()), path.toString(), StoreException.NO_OFFSET);
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
        return bytesOf(FileStore::getUsableSpace, File::getUsableSpace);
    }

    @Override
    public long totalBytes() {
        return bytesOf(FileStore::getTotalSpace, File::getTotalSpace);
    }

    private long bytesOf(BytesOfStore ofStore, ToLongFunction<File> ofPath) {
        if (fileStore.isEmpty()) return ofPath.applyAsLong(root.toFile());
        try {
            return ofStore.get(fileStore.get());
        } catch (IOException e) {
            throw NioFailures.of(e, root.toString(), StoreException.NO_OFFSET);
        }
    }

    @FunctionalInterface
    private interface BytesOfStore {
        long get(FileStore store) throws IOException;
    }

    @Override
    public AutoCloseable lock(String path) {
        Path file = resolve(path);
        if (readOnly && !Files.exists(file)) return () -> {}; // a copy without it: no broker runs on it
        try {
            FileChannel channel = reserve.open(() -> FileChannel.open(file, options(true)));
            FileLock lock = tryLock(channel, readOnly);
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
            if (readOnly) return channel;
            if (!LockText.isWhole(readText(channel))) {
                LOG.warn(
                        "A lock file is not what was written: a sign of a failing disk, or of a power loss; nothing depends"
                                + " on it [file={} offset=0]",
                        file);
            }
            channel.truncate(0);
            String self = LockText.of(ProcessHandle.current().pid());
            channel.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.ISO_8859_1)), 0);
            reserve.keep(); // a broker begins to run here
            return () -> {
                reserve.close();
                channel.close();
            };
        } catch (IOException e) {
            throw NioFailures.of(e, file.toString(), StoreException.NO_OFFSET);
        }
    }

    @Override
    public String describe(String path) {
        return resolve(path).toString();
    }

    private void sync(Path directory) {
        if (readOnly) return;
        run(directory.toString(), () -> {
            try (FileChannel channel = reserve.open(() -> FileChannel.open(directory, StandardOpenOption.READ))) {
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

    private static FileLock tryLock(FileChannel channel, boolean shared) throws IOException {
        try {
            return channel.tryLock(0, Long.MAX_VALUE, shared);
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
