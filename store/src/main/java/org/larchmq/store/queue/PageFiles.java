package org.larchmq.store.queue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * Pages of all queues in shared files, page p at position (p mod pagesPerFile) * 4096 of file p / pagesPerFile.
 * Shard thread, except {@link #force}.
 */
final class PageFiles implements AutoCloseable {
    private static final long WORTH_TRIMMING_BYTES = 1 << 20;

    private final Disk disk;
    private final String directory;
    private final int pagesPerFile;
    private final List<PageFile> files = new ArrayList<>();
    private volatile PageFile[] opened = {};
    private volatile StoreException flushFailure;

    PageFiles(Disk disk, String directory, int pagesPerFile) {
        this.disk = disk;
        this.directory = directory;
        this.pagesPerFile = pagesPerFile;
        disk.createDirectories(directory);
    }

    private static final class PageFile {
        final DiskFile file;
        volatile boolean dirty;
        /** Whether its name is on the disk: a process that was killed may have made the file and not have said so. */
        volatile boolean named;

        PageFile(DiskFile file) {
            this.file = file;
        }
    }

    /** Which file of the directory a name says, -1 when it is not the name of a page file. */
    static int indexOf(String name) {
        return name.matches("[0-9]{6,9}\\.pages") ? Integer.parseInt(name.substring(0, name.length() - 6)) : -1;
    }

    void write(int pageId, ByteBuffer page) {
        PageFile target = file(pageId, true);
        target.file.write(page.clear(), position(pageId));
        target.dirty = true; // after the write: force clears it before it syncs
    }

    /** Reads a page; false when the file ends before it. */
    boolean read(int pageId, ByteBuffer page) {
        PageFile source = file(pageId, false);
        if (source == null) return false;
        int count = source.file.read(page.clear(), position(pageId));
        page.clear();
        return count == PageFormat.PAGE_BYTES;
    }

    /** Makes every page written before durable; after a failure never again says that it did. Any thread. */
    void force() {
        if (flushFailure != null) throw flushFailure;
        try {
            forceDirty();
        } catch (StoreException e) {
            if (!e.error().isPassing()) flushFailure = e;
            throw e;
        }
    }

    private void forceDirty() {
        List<PageFile> unnamed = new ArrayList<>();
        for (PageFile file : opened) {
            if (file == null) continue;
            if (!file.named) unnamed.add(file);
            if (!file.dirty) continue;
            file.dirty = false; // before the flush: what is written meanwhile belongs to the next one
            file.file.force(true);
        }
        if (unnamed.isEmpty()) return;
        disk.syncDirectory(directory);
        for (PageFile file : unnamed) file.named = true;
    }

    /**
     * Gives back the room behind the last page in use, when it is worth it. The files stay: another thread may be flushing
     * them.
     *
     * @param usedPages pages from 0 up to this one are kept
     */
    void trim(int usedPages) {
        for (int pageId = usedPages; ; pageId += pagesPerFile - pageId % pagesPerFile) {
            PageFile file = file(pageId, false);
            if (file == null) return;
            if (file.file.size() - position(pageId) < WORTH_TRIMMING_BYTES) continue;
            if (!truncate(file, position(pageId))) return;
        }
    }

    /** False when it is to be tried again later: some file systems want room even to give room back. */
    private static boolean truncate(PageFile file, long size) {
        try {
            file.file.truncate(size);
        } catch (StoreException e) {
            if (!WaitingPages.isWantOfRoom(e)) throw e;
            return false;
        }
        file.dirty = true;
        return true;
    }

    StoreException damaged(int pageId, String detail) {
        return new StoreException(
                StoreError.DAMAGED_QUEUE_FILE,
                disk.describe(path(pageId / pagesPerFile)),
                position(pageId),
                detail,
                null);
    }

    /** Removes every page file. */
    void deleteAll() {
        close();
        for (String name : disk.list(directory)) if (name.endsWith(".pages")) disk.delete(directory + "/" + name);
        disk.syncDirectory(directory);
    }

    @Override
    public void close() {
        for (PageFile file : files) if (file != null) file.file.close();
        files.clear();
        opened = new PageFile[0];
    }

    private PageFile file(int pageId, boolean create) {
        int index = pageId / pagesPerFile;
        while (files.size() <= index) files.add(null);
        PageFile known = files.get(index);
        if (known != null) return known;
        if (!create && !disk.exists(path(index))) return null;
        PageFile fresh = new PageFile(disk.open(path(index), create));
        files.set(index, fresh);
        opened = files.toArray(PageFile[]::new);
        return fresh;
    }

    private String path(int index) {
        return String.format(Locale.ROOT, "%s/%06d.pages", directory, index);
    }

    private long position(int pageId) {
        return (long) (pageId % pagesPerFile) * PageFormat.PAGE_BYTES;
    }
}
