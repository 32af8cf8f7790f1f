package org.larchmq.store.queue;

import java.nio.ByteBuffer;
import java.util.function.IntConsumer;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.ReadPace;

/**
 * Reads every page that the page files hold, in use or free, and names those that are no whole page. A page that is being
 * written at this moment may be named too: {@link ConsumeQueueStore#judge} decides. One thread, any.
 */
public final class PageScrub {
    private static final int PAGES_PER_READ = 64;

    private final Disk disk;
    private final String directory;
    private final int pagesPerFile;

    PageScrub(Disk disk, String directory, int pagesPerFile) {
        this.disk = disk;
        this.directory = directory;
        this.pagesPerFile = pagesPerFile;
    }

    /**
     * Reads everything once.
     *
     * @param suspect told the id of each page that is neither whole nor empty
     * @return pages that were read
     * @throws java.util.concurrent.CancellationException when the pace says so
     */
    public long run(ReadPace pace, IntConsumer suspect) {
        long pages = 0;
        for (String name : disk.list(directory)) {
            int index = PageFiles.indexOf(name);
            if (index < 0) continue;
            try (DiskFile file = disk.open(directory + "/" + name, false)) {
                pages += run(file, index, pace, suspect);
            }
        }
        return pages;
    }

    private long run(DiskFile file, int index, ReadPace pace, IntConsumer suspect) {
        ByteBuffer block = ByteBuffer.allocate(PAGES_PER_READ * PageFormat.PAGE_BYTES);
        long pages = Math.min(pagesPerFile, file.size() / PageFormat.PAGE_BYTES);
        for (long first = 0; first < pages; first += PAGES_PER_READ) {
            int count = (int) Math.min(PAGES_PER_READ, pages - first);
            int bytes = count * PageFormat.PAGE_BYTES;
            int read = file.read(block.clear().limit(bytes), first * PageFormat.PAGE_BYTES);
            pace.afterRead(read);
            for (int i = 0; i < read / PageFormat.PAGE_BYTES; i++) {
                ByteBuffer page = block.slice(i * PageFormat.PAGE_BYTES, PageFormat.PAGE_BYTES);
                if (!PageFormat.isWholeOrEmpty(page)) suspect.accept((int) (index * (long) pagesPerFile + first + i));
            }
        }
        return pages;
    }
}
