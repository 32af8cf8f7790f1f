package org.larchmq.jms.compression;

/** One algorithm. Safe from any thread; throws whatever its library throws. */
interface BodyCodec {
    /** Room that {@link #compress} needs. */
    int bound(int bytes);

    /** @return bytes written */
    int compress(byte[] source, int from, int bytes, byte[] target);

    /** Whether so many compressed bytes can be so large a body; tells most lies before anything is allocated. */
    boolean canBe(byte[] source, int from, int bytes, int bodyBytes);

    /**
     * Never writes beyond the target.
     *
     * @return bytes written
     */
    int decompress(byte[] source, int from, int bytes, byte[] target);
}
