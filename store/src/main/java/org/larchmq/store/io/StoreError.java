package org.larchmq.store.io;

/** What can go wrong in the store, each with its cause and what to do about it. Names are stable: callers map them to codes. */
public enum StoreError {
    DISK_FULL(
            "the file system of the data directory has no room left",
            "free space or let consumers drain old segments; sends resume by themselves; a broker that has stopped is to be"
                    + " started again, which a full disk does not prevent"),
    IO_ERROR(
            "the operating system reported an input/output error",
            "check the disk and its cabling and the mount, then restart"),
    NO_PERMISSION(
            "the operating system does not let this process use a file or directory",
            "make the data directory and everything in it belong to the user that runs the broker (chown -R USER DIR), check"
                    + " that the file system is not mounted read-only, then restart"),
    TOO_MANY_OPEN_FILES(
            "this process, or the machine, may open no more files",
            "raise the limit (ulimit -n, or LimitNOFILE in the systemd unit), or lower network.maxConnections, then restart"),
    BAD_PATH(
            "the data directory cannot be where the settings say",
            "give the broker a directory that exists or can be made, and a path that its locale can write (LC_ALL=C.UTF-8)"),
    FLUSH_FAILED(
            "the operating system could not flush written data to the disk, so what it holds is unknown",
            "check the disk, then restart: recovery takes what the disk really holds; the flush is never retried"),
    DAMAGED_LOG(
            "the commit log holds bytes that are not what was written, with confirmed entries at stake",
            "restore this broker from a replica or backup, or accept the loss with: larchmq repair --data DIR"),
    DAMAGED_ENTRY(
            "an entry of the commit log is not what was written",
            "restore this broker from a replica or backup, or accept the loss with: larchmq repair --data DIR"),
    DAMAGED_QUEUE_FILE(
            "a consume queue page is not what was written",
            "restart the broker: consume queues are derived and are rebuilt from the commit log"),
    DAMAGED_CATALOG(
            "the catalog is not what was written",
            "restart the broker: the catalog is derived and is rebuilt from the commit log"),
    ALREADY_LOCKED(
            "another broker uses this data directory",
            "stop the other broker, or give this one a data directory of its own"),
    UNSUPPORTED_FORMAT(
            "the data directory was written in a format that this version does not read",
            "start the version that wrote it, or export and import its messages"),
    ENTRY_TOO_LARGE(
            "the entry is larger than the log accepts",
            "send a smaller message, or raise the maximum entry size (at most a quarter of the segment size)"),
    STOPPED("the log refuses all work after an earlier failure", "see the first failure, given as cause, and restart");

    private final String cause;
    private final String remedy;

    StoreError(String cause, String remedy) {
        this.cause = cause;
        this.remedy = remedy;
    }

    /**
     * Whether what was asked did not happen, nothing that had been written is in doubt, and a later try may succeed. After
     * every other failure the store is not to be trusted, and after FLUSH_FAILED nothing may be confirmed.
     */
    public boolean isPassing() {
        return this == DISK_FULL || this == TOO_MANY_OPEN_FILES;
    }

    /** Why this happens, one clause. */
    public String cause() {
        return cause;
    }

    /** What an operator can do about it, one clause. */
    public String remedy() {
        return remedy;
    }
}
