package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;

/** Applies entries of a log that were read back. One thread. */
public final class Replay {
    private final StateMachine state;
    private final ByteReader in = new ByteReader();

    public Replay(StateMachine state) {
        this.state = state;
    }

    /**
     * Applies one entry.
     *
     * @param payload its bytes between position and limit; the buffer's own position is not moved
     * @throws ProtocolException when a payload whose checksum is right does not have the layout of its type: a bug, or
     *                           a newer version's entry
     */
    public void read(long physicalOffset, int entryBytes, byte type, ByteBuffer payload) {
        EntryKind kind = EntryKinds.of(type);
        if (kind == null) {
            throw new ProtocolException(
                    ErrorCode.VERSION,
                    "entry type " + type + " at " + physicalOffset
                            + " is not known to this version; start the version that wrote it");
        }
        in.reset(payload, payload.position(), payload.limit());
        Entry entry = kind.decoder().decode(in);
        in.end();
        state.apply(physicalOffset, entryBytes, entry);
    }
}
