package org.larchmq.jms.compression;

import com.github.luben.zstd.Zstd;

/** One Zstandard frame that says how large its content is. */
final class ZstdCodec implements BodyCodec {
    private final int level = Zstd.defaultCompressionLevel();

    @Override
    public int bound(int bytes) {
        return (int) Math.min(Zstd.compressBound(bytes), Integer.MAX_VALUE - 16);
    }

    @Override
    public int compress(byte[] source, int from, int bytes, byte[] target) {
        return checked(Zstd.compressByteArray(target, 0, target.length, source, from, bytes, level));
    }

    @Override
    public boolean canBe(byte[] source, int from, int bytes, int bodyBytes) {
        return Zstd.getFrameContentSize(source, from, bytes) == bodyBytes;
    }

    @Override
    public int decompress(byte[] source, int from, int bytes, byte[] target) {
        return checked(Zstd.decompressByteArray(target, 0, target.length, source, from, bytes));
    }

    private static int checked(long result) {
        if (Zstd.isError(result)) throw new IllegalArgumentException(Zstd.getErrorName(result));
        return (int) result;
    }
}
