package org.larchmq.jms.compression;

import jakarta.jms.JMSException;
import java.util.function.Supplier;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.Compression;

/** Loads a codec, and with it its library, when it is needed for the first time. */
final class Codecs {
    private Codecs() {}

    /** One of both is null. */
    private record Loaded(BodyCodec codec, Throwable failure) {
        static Loaded by(Supplier<BodyCodec> constructor) {
            try {
                return new Loaded(constructor.get(), null);
            } catch (LinkageError | RuntimeException e) { // not there, or without a native part for this machine
                return new Loaded(null, e);
            }
        }
    }

    // Lambdas, not constructor references: those would load the class outside the try.

    private static final class Lz4 {
        static final Loaded LOADED = Loaded.by(() -> new Lz4Codec());
    }

    private static final class Zstd {
        static final Loaded LOADED = Loaded.by(() -> new ZstdCodec());
    }

    /** @throws JMSException LIBRARY_MISSING, naming what is to be added */
    static BodyCodec of(Compression compression) throws JMSException {
        Loaded loaded = loaded(compression);
        if (loaded.codec != null) return loaded.codec;
        throw JmsErrors.failed(
                ClientError.LIBRARY_MISSING,
                "messages compressed with " + compression.text() + " need the library " + artifact(compression)
                        + ", which cannot be loaded (" + loaded.failure
                        + "): add its jar to the class path; the distribution has it in client/compression/",
                loaded.failure);
    }

    private static Loaded loaded(Compression compression) {
        return switch (compression) {
            case LZ4 -> Lz4.LOADED;
            case ZSTD -> Zstd.LOADED;
        };
    }

    private static String artifact(Compression compression) {
        return switch (compression) {
            case LZ4 -> "lz4-java (at.yawk.lz4:lz4-java)";
            case ZSTD -> "zstd-jni (com.github.luben:zstd-jni)";
        };
    }
}
