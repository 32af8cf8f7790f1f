/**
 * Compressed bodies: compresses what is sent, if that is asked for, and decompresses what was received. The libraries
 * are optional; nothing but their two codecs names their classes, so that their absence shows when one is needed.
 *
 * <p>Called by: the session package (sending, hand-over) and the message package (reading a body). Calls: wire, error,
 * lz4-java, zstd-jni. Threads: a {@link org.larchmq.jms.compression.BodyCompressor} belongs to one thread at a time, the
 * rest is safe from any. Start reading at {@link org.larchmq.jms.compression.BodyCompressor}, then
 * {@link org.larchmq.jms.compression.CompressedBody}.
 */
package org.larchmq.jms.compression;
