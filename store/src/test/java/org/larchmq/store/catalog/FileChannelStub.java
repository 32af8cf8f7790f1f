package org.larchmq.store.catalog;

import java.nio.ByteBuffer;
import org.h2.store.fs.FileBaseDefault;

/** The channel that a simulated lock belongs to. */
final class FileChannelStub extends FileBaseDefault {
    static final FileChannelStub OPEN = new FileChannelStub();

    @Override
    public long size() {
        return 0;
    }

    @Override
    public int read(ByteBuffer destination, long position) {
        return -1;
    }

    @Override
    public int write(ByteBuffer source, long position) {
        return 0;
    }

    @Override
    protected void implTruncate(long size) {
        // nothing to cut
    }

    @Override
    protected void implCloseChannel() {
        // nothing to close
    }
}
