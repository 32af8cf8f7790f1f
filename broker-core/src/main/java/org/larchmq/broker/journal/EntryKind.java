package org.larchmq.broker.journal;

import org.larchmq.message.ByteReader;

/**
 * A type of log entry.
 *
 * @param number  in the log; never changes its meaning
 * @param name    in the documentation
 * @param payload its layout, big-endian: names of the fields with their bytes
 * @param decoder reads a payload back
 */
public record EntryKind(byte number, String name, String payload, Decoder decoder) {
    /** Reads payloads of one type. */
    public interface Decoder {
        /**
         * @param in from the payload's first byte to its last; bulk bytes are referred to, not copied
         * @throws org.larchmq.message.ProtocolException when the payload does not have the layout
         */
        Entry decode(ByteReader in);
    }

    EntryKind(int number, String name, String payload, Decoder decoder) {
        this((byte) number, name, payload, decoder);
    }
}
