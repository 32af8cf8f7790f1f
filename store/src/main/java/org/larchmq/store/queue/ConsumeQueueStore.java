package org.larchmq.store.queue;

import java.util.Optional;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * All consume queues of a shard. An empty queue costs no disk, and pages of all queues share files.
 *
 * <p>A checkpoint goes: {@link #checkpointBegun}, {@link ConsumeQueue#snapshot} of every queue, {@link #force}, the
 * catalog's durable write, {@link #checkpointDurable}. A full disk fails no change of a queue: its pages wait in memory,
 * and checkpoints with them. At start: {@link #restore} every queue before the first append.
 * Shard thread only, except force.
 */
public final class ConsumeQueueStore implements AutoCloseable {
    private static final int DEFAULT_PAGES_PER_FILE = (64 << 20) / PageFormat.PAGE_BYTES;
    private static final int DEFAULT_CACHED_PAGES = 1024;

    private final Disk disk;
    private final String directory;
    private final int pagesPerFile;
    private final PageFiles files;
    private final PageAllocator allocator = new PageAllocator();
    private final PageCache cache;
    private final WaitingPages waiting;
    private final DiskPages pages;

    /** With page files of 64 MiB and up to 1024 pages in memory. */
    public ConsumeQueueStore(Disk disk, String directory) {
        this(disk, directory, DEFAULT_PAGES_PER_FILE, DEFAULT_CACHED_PAGES);
    }

    /**
     * @param pagesPerFile pages of 4096 bytes per file; must not change over the life of the directory
     * @param cachedPages  how many pages are kept in memory
     */
    public ConsumeQueueStore(Disk disk, String directory, int pagesPerFile, int cachedPages) {
        this.disk = disk;
        this.directory = directory;
        this.pagesPerFile = pagesPerFile;
        this.files = new PageFiles(disk, directory, pagesPerFile);
        this.cache = new PageCache(cachedPages);
        this.waiting = new WaitingPages(files);
        this.pages = new DiskPages(files, allocator, cache, waiting);
    }

    /** A new, empty queue. */
    public ConsumeQueue create(long queueId) {
        return new ConsumeQueue(queueId, pages);
    }

    /** The queue as it was when the snapshot was taken. @throws StoreException DAMAGED_QUEUE_FILE */
    public ConsumeQueue restore(long queueId, byte[] snapshot) {
        ConsumeQueue queue = new ConsumeQueue(queueId, pages);
        try {
            queue.restore(snapshot);
        } catch (IllegalArgumentException e) {
            throw damaged("snapshot of queue " + queueId + ": " + e.getMessage(), e);
        }
        for (int i = 0; i < queue.pageCount(); i++) {
            boolean free = queue.pageId(i) >= 0 && allocator.claim(queue.pageId(i));
            if (!free) throw damaged("page " + queue.pageId(i) + " of queue " + queueId + " is taken", null);
        }
        return queue;
    }

    /** A queue that never touches the disk, for temporary destinations. */
    public ConsumeQueue createInMemory(long queueId) {
        return new ConsumeQueue(queueId, new MemoryPages());
    }

    /** Reads and checks every page of a queue. @throws StoreException DAMAGED_QUEUE_FILE */
    public void verify(ConsumeQueue queue) {
        for (int i = 0; i < queue.pageCount(); i++) {
            pages.verify(queue.queueId(), queue.pageId(i), queue.pageOffset(i));
        }
    }

    /** Checks every page of the files while they are in use; what it suspects is for {@link #judge}. */
    public PageScrub scrub() {
        return new PageScrub(disk, directory, pagesPerFile);
    }

    /**
     * Reads a page that a {@link PageScrub} suspects, now that nobody writes. Empty when it is whole; otherwise what is
     * wrong. A damaged page that is not in use is cleared, so that it is not reported again.
     */
    public Optional<StoreException> judge(int pageId) {
        return pages.judge(pageId);
    }

    /**
     * Whether every full page is on the disk; false while some wait in memory because the disk is full. Tries to write
     * them. While it is false, the owner should append no messages: acknowledgements are welcome, they free pages.
     *
     * @throws StoreException IO_ERROR
     */
    public boolean hasRoom() {
        return waiting.isEmpty() || waiting.writeAll() == null;
    }

    /**
     * Makes every page durable that the checkpoint begun last may name. Any thread.
     *
     * @throws StoreException DISK_FULL when one of them waits for room: the checkpoint must be given up and a later one
     *                        begun; FLUSH_FAILED, which is final
     */
    public void force() {
        waiting.checkCheckpoint();
        files.force();
    }

    /** Snapshots are about to be taken. Pages freed from now on wait for the next checkpoint. @throws StoreException IO_ERROR */
    public void checkpointBegun() {
        waiting.checkpointBegun();
        allocator.checkpointBegun();
    }

    /**
     * The checkpoint begun last is durable: pages freed before it began may be used again, and their room goes back to the
     * disk when no page behind them is in use.
     *
     * @throws StoreException IO_ERROR
     */
    public void checkpointDurable() {
        allocator.checkpointDurable();
        files.trim(allocator.end());
    }

    /** Removes every page, before a rebuild from the log; queues handed out before must not be used any more. */
    public void discardAll() {
        files.deleteAll();
        waiting.clear();
        allocator.clear();
        cache.clear();
    }

    /** Pages that wait in memory because the disk is full. */
    public int waitingPages() {
        return waiting.count();
    }

    /** Pages in use or waiting to be reused. */
    public int usedPages() {
        return allocator.usedPages();
    }

    @Override
    public void close() {
        files.close();
    }

    private StoreException damaged(String detail, Throwable origin) {
        return new StoreException(
                StoreError.DAMAGED_QUEUE_FILE, disk.describe(directory), StoreException.NO_OFFSET, detail, origin);
    }
}
