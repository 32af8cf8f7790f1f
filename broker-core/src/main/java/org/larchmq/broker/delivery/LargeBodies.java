package org.larchmq.broker.delivery;

import java.nio.ByteBuffer;
import org.larchmq.broker.journal.LargeBody;
import org.larchmq.broker.state.Holds;
import org.larchmq.store.log.CommitLog;

/** Reads the bodies of large messages from the log, part by part. Shard thread only. */
public final class LargeBodies {
    private final CommitLog log;
    private final Holds holds;

    public LargeBodies(CommitLog log, Holds holds) {
        this.log = log;
        this.holds = holds;
    }

    /** Opens the body of the stored message at an index; the log is kept for it until it is closed. */
    public Body open(ByteBuffer message, int at) {
        return new Body(message, at);
    }

    /** One body, read from its beginning to its end. */
    public final class Body implements AutoCloseable {
        private final int bytes;
        private final long[] physicalOffset;
        private final int[] entryBytes;
        private int next;
        private boolean closed;

        private Body(ByteBuffer message, int at) {
            bytes = LargeBody.bodyBytes(message, at);
            int parts = LargeBody.parts(message, at);
            physicalOffset = new long[parts];
            entryBytes = new int[parts];
            for (int i = 0; i < parts; i++) {
                physicalOffset[i] = LargeBody.physicalOffset(message, at, i);
                entryBytes[i] = LargeBody.entryBytes(message, at, i);
            }
            holds.hold(physicalOffset[0]);
        }

        /** Size of the whole body. */
        public int bytes() {
            return bytes;
        }

        public boolean hasNext() {
            return next < physicalOffset.length;
        }

        /**
         * The next part, from position to limit, until anything else is read from the log.
         *
         * @throws org.larchmq.store.io.StoreException DAMAGED_ENTRY
         */
        public ByteBuffer next() {
            int part = next++;
            return log.read(physicalOffset[part], entryBytes[part]);
        }

        @Override
        public void close() {
            if (!closed) holds.release(physicalOffset[0]);
            closed = true;
        }
    }
}
