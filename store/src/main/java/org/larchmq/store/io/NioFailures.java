package org.larchmq.store.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** Says what a failure of java.nio means, which gives little more than the text of the operating system. */
final class NioFailures {
    private NioFailures() {}

    /** Has the classes loaded that tell of a failure, while the files that they are in can still be opened. */
    static void load() {
        of(new IOException("none"), "", StoreException.NO_OFFSET);
    }

    static StoreException of(IOException origin, String path, long offset) {
        return new StoreException(errorOf(origin), path, offset, detail(origin), origin);
    }

    static boolean isOutOfDescriptors(IOException origin) {
        return text(origin).contains("too many open files");
    }

    private static StoreError errorOf(IOException origin) {
        String text = text(origin);
        if (isAny(text, "no space left", "not enough space", "quota exceeded")) return StoreError.DISK_FULL;
        if (isOutOfDescriptors(origin)) return StoreError.TOO_MANY_OPEN_FILES;
        boolean denied = origin instanceof AccessDeniedException
                || isAny(text, "permission denied", "operation not permitted", "read-only file system");
        if (denied) return StoreError.NO_PERMISSION;
        boolean badPath = origin instanceof NotDirectoryException
                || origin instanceof FileAlreadyExistsException
                || isAny(text, "not a directory", "file name too long", "too many levels of symbolic links");
        return badPath ? StoreError.BAD_PATH : StoreError.IO_ERROR;
    }

    /** The reason in words, also where java.nio has put it into the class of the exception, or left it out. */
    private static String detail(IOException origin) {
        if (origin instanceof AccessDeniedException) return "permission denied: " + origin.getMessage();
        if (origin instanceof NoSuchFileException) return "no such file or directory: " + origin.getMessage();
        if (origin instanceof FileAlreadyExistsException)
            return "a file is where a directory should be: " + origin.getMessage();
        if (origin instanceof FileSystemException known && known.getReason() != null) return known.getReason();
        return origin.getMessage() == null ? origin.getClass().getSimpleName() : origin.getMessage();
    }

    private static String text(IOException origin) {
        String reason = origin instanceof FileSystemException known ? known.getReason() : origin.getMessage();
        return String.valueOf(reason).toLowerCase(Locale.ROOT);
    }

    private static boolean isAny(String text, String... parts) {
        for (String part : parts) if (text.contains(part)) return true;
        return false;
    }
}
