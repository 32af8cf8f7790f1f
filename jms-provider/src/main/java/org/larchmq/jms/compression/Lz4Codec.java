package org.larchmq.jms.compression;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** One LZ4 block. */
final class Lz4Codec implements BodyCodec {
    /** A byte of an LZ4 block stands for at most so many. */
    private static final long HIGHEST_RATIO = 255;

    private final LZ4Compressor compressor;
    private final LZ4SafeDecompressor decompressor;

    Lz4Codec() {
        LZ4Factory factory = LZ4Factory.fastestInstance();
        compressor = factory.fastCompressor();
        decompressor = factory.safeDecompressor();
    }

    @Override
    public int bound(int bytes) {
        return compressor.maxCompressedLength(bytes);
    }

    @Override
    public int compress(byte[] source, int from, int bytes, byte[] target) {
        return compressor.compress(source, from, bytes, target, 0, target.length);
    }

    @Override
    public boolean canBe(byte[] source, int from, int bytes, int bodyBytes) {
        return bodyBytes <= HIGHEST_RATIO * bytes;
    }

    @Override
    public int decompress(byte[] source, int from, int bytes, byte[] target) {
        return decompressor.decompress(source, from, bytes, target, 0, target.length);
    }
}
