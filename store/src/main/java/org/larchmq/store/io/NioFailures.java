package org.larchmq.store.io;

import java.io.IOException;
import java.util.Locale;

/** Tells a full disk from every other failure; java.nio gives only the text of the operating system. */
final class NioFailures {
    private NioFailures() {}

    static StoreException of(IOException origin, String path, long offset) {
        StoreError error = isFull(origin) ? StoreError.DISK_FULL : StoreError.IO_ERROR;
        return new StoreException(error, path, offset, String.valueOf(origin.getMessage()), origin);
    }

    private static boolean isFull(IOException origin) {
        String text = String.valueOf(origin.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("no space left") || text.contains("not enough space") || text.contains("quota exceeded");
    }
}
