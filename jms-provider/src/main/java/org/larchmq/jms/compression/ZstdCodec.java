package org.larchmq.jms.compression;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One Zstandard frame that says how large its content is. A context of the library is native memory that costs as much to
 * make as a small body to compress: one of each kind is kept, and who comes while it is in use makes another.
 */
final class ZstdCodec implements BodyCodec {
    private final int level = Zstd.defaultCompressionLevel();
    private final AtomicReference<ZstdCompressCtx> compressing = new AtomicReference<>();
    private final AtomicReference<ZstdDecompressCtx> decompressing = new AtomicReference<>();

    @Override
    public int bound(int bytes) {
        return (int) Math.min(Zstd.compressBound(bytes), Integer.MAX_VALUE - 16);
    }

    @Override
    public int compress(byte[] source, int from, int bytes, byte[] target) {
        ZstdCompressCtx kept = compressing.getAndSet(null);
        ZstdCompressCtx context = kept == null ? new ZstdCompressCtx().setLevel(level) : kept;
        try {
            return context.compressByteArray(target, 0, target.length, source, from, bytes);
        } finally {
            if (!compressing.compareAndSet(null, context)) context.close();
        }
    }

    @Override
    public boolean canBe(byte[] source, int from, int bytes, int bodyBytes) {
        return Zstd.getFrameContentSize(source, from, bytes) == bodyBytes;
    }

    @Override
    public int decompress(byte[] source, int from, int bytes, byte[] target) {
        ZstdDecompressCtx kept = decompressing.getAndSet(null);
        ZstdDecompressCtx context = kept == null ? new ZstdDecompressCtx() : kept;
        try {
            return context.decompressByteArray(target, 0, target.length, source, from, bytes);
        } finally {
            if (!decompressing.compareAndSet(null, context)) context.close();
        }
    }
}
