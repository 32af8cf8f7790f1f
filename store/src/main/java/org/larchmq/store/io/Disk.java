package org.larchmq.store.io;

import java.util.List;

/**
 * The files of one data directory. Paths are relative to it, with '/' between the parts. What a method changes in a
 * directory (create, delete, rename) is durable only after {@link #syncDirectory}. Safe from any thread.
 * Every method throws {@link StoreException} when the operating system refuses: DISK_FULL, TOO_MANY_OPEN_FILES,
 * NO_PERMISSION, BAD_PATH, IO_ERROR.
 */
public interface Disk {
    /** Opens a file for reading and writing; when it is missing, creates it or throws IO_ERROR. */
    DiskFile open(String path, boolean create);

    boolean exists(String path);

    /** The names (not paths) in a directory, sorted; empty when the directory is missing. */
    List<String> list(String directory);

    /** Removes a file; a missing one is no error. */
    void delete(String path);

    /** Renames a file atomically, replacing the target. */
    void rename(String from, String to);

    /** Creates a directory and its parents, durable on return; existing ones are no error. */
    void createDirectories(String directory);

    /**
     * Makes creations, deletions and renames in a directory durable; the empty string is the data directory itself.
     *
     * @throws StoreException FLUSH_FAILED, which is final
     */
    void syncDirectory(String directory);

    /** Bytes that this process can still use on the file system. */
    long usableBytes();

    /** Size of the file system in bytes. */
    long totalBytes();

    /** Takes an exclusive lock that ends with the process; throws ALREADY_LOCKED naming the holder where known. */
    AutoCloseable lock(String path);

    /** The absolute path, for messages to an operator. */
    String describe(String path);
}
