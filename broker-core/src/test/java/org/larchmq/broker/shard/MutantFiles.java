package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.DiskWrapper;
import org.larchmq.store.io.StoreException;

/** Files with a planted fault, to show that the tests would see it. */
final class MutantFiles {
    private MutantFiles() {}

    /** Failed flushes of the log, of which nobody hears. */
    static DiskFile swallowsFlushErrors(DiskFile file) {
        if (!file.path().contains("commitlog/")) return file;
        return new DiskWrapper.File(file) {
            @Override
            public void force(boolean metadata) {
                try {
                    super.force(metadata);
                } catch (StoreException swallowed) {
                    // that is the mutant
                }
            }
        };
    }

    /** Whoever adds a row to a queue whose page cannot be written meets the failure, as if pages could not wait. */
    static final class PageRefused extends IllegalStateException {
        PageRefused() {
            super("a page was refused");
        }
    }

    /** Neither a page nor the file for one can wait for room. */
    static final class PagesDoNotWait extends DiskWrapper {
        PagesDoNotWait(Disk disk) {
            super(disk, PagesDoNotWait::failing);
        }

        @Override
        public DiskFile open(String path, boolean create) {
            try {
                return super.open(path, create);
            } catch (StoreException e) {
                if (e.error().isPassing() && path.startsWith("queues/")) throw new PageRefused();
                throw e;
            }
        }

        private static DiskFile failing(DiskFile file) {
            if (!file.path().contains("queues/")) return file;
            return new DiskWrapper.File(file) {
                @Override
                public void write(ByteBuffer source, long position) {
                    try {
                        super.write(source, position);
                    } catch (StoreException e) {
                        if (e.error().isPassing()) throw new PageRefused();
                        throw e;
                    }
                }
            };
        }
    }
}
