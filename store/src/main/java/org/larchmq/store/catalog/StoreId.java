package org.larchmq.store.catalog;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.larchmq.store.io.Randomness;

/**
 * Names a data directory: 16 random bytes, made once together with it. Two brokers with the same id are the same broker
 * at different times, so what one of them knows about a client's work the other one knows too.
 */
public record StoreId(long high, long low) {
    /** Length of {@link #toBytes}. */
    public static final int BYTES = 16;

    /** A new id. */
    static StoreId random(Randomness randomness) {
        return new StoreId(randomness.nextLong(), randomness.nextLong());
    }

    /** The id that {@link #toBytes} gave. */
    public static StoreId of(byte[] bytes) {
        if (bytes.length != BYTES) throw new IllegalArgumentException("a store id has 16 bytes, not " + bytes.length);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return new StoreId(in.getLong(), in.getLong());
    }

    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    /** 32 hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
