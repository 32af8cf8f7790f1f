package org.larchmq.store.io;

/** A failing environment: disk, file or format. The message names cause, file, offset and remedy. */
public final class StoreException extends RuntimeException {
    /** The offset of an exception that concerns no single place in a file. */
    public static final long NO_OFFSET = -1;

    private final StoreError error;
    private final String file;
    private final long offset;

    /**
     * @param file   the file or directory concerned, as an operator would type it
     * @param offset the position in that file in bytes, or {@link #NO_OFFSET}
     * @param detail what was seen, may be empty
     * @param origin the exception behind this one, may be null
     */
    public StoreException(StoreError error, String file, long offset, String detail, Throwable origin) {
        super(message(error, file, offset, detail), origin);
        this.error = error;
        this.file = file;
        this.offset = offset;
    }

    public StoreError error() {
        return error;
    }

    /** The file or directory concerned. */
    public String file() {
        return file;
    }

    /** The position in the file in bytes, or {@link #NO_OFFSET}. */
    public long offset() {
        return offset;
    }

    private static String message(StoreError error, String file, long offset, String detail) {
        String place = offset == NO_OFFSET ? "file=" + file : "file=" + file + " offset=" + offset;
        String what = detail.isEmpty() ? "" : ": " + detail;
        return "%s: %s%s [%s]. Remedy: %s".formatted(error, error.cause(), what, place, error.remedy());
    }
}
