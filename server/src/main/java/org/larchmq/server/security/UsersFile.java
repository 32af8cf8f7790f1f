package org.larchmq.server.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The users file of a running broker, read again when it has changed. Safe from any thread. */
final class UsersFile {
    private static final Logger LOG = LoggerFactory.getLogger(UsersFile.class);

    private record Version(Object key, long modifiedMillis, long sizeBytes) {
        static final Version NO_FILE = new Version("", 0, 0);
    }

    private final Path file;
    private Version version;
    private volatile Users users;

    /** @throws UsersFileException when the file is there and cannot be used */
    UsersFile(Path file) {
        this.file = file;
        version = version();
        users = read();
    }

    Users users() {
        return users;
    }

    /** Keeps the users it has when the file cannot be used. */
    synchronized void refresh() {
        Version now = version();
        if (now.equals(version)) return;
        version = now;
        try {
            users = read();
            LOG.info("Read {} users from {}", users.byName().size(), file);
        } catch (UsersFileException e) {
            LOG.error("Keeping the users known so far: {}", e.getMessage());
        }
    }

    private Users read() {
        Users fresh = Users.read(file);
        try {
            if (Files.exists(file) && PrivateFile.isOpenToOthers(file)) {
                LOG.warn("The users file {} can be read or written by others. Remedy: chmod 600 {}", file, file);
            }
        } catch (IOException e) {
            LOG.warn("The permissions of the users file {} cannot be read: {}", file, e.getMessage());
        }
        return fresh;
    }

    private Version version() {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            Object key = found.fileKey() == null ? "" : found.fileKey();
            return new Version(key, found.lastModifiedTime().toMillis(), found.size());
        } catch (NoSuchFileException e) {
            return Version.NO_FILE;
        } catch (IOException e) {
            return new Version(e.toString(), 0, 0); // reading it will say why
        }
    }
}
