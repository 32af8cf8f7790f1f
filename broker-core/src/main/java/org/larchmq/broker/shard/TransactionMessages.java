package org.larchmq.broker.shard;

import java.nio.ByteBuffer;

/** The messages that came with a COMMIT frame, read in place. Valid while the frame is. */
interface TransactionMessages {
    int count();

    long bytes();

    void forEach(Visitor visitor);

    interface Visitor {
        void message(int handle, ByteBuffer buffer, int at, int size);
    }
}
