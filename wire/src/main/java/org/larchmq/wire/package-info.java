/**
 * The LarchMQ wire protocol: frames, the encoding of a message, error codes. Shared by client and broker; knows
 * neither of them, only bytes.
 *
 * <p>Called by: the broker's network endpoint and the Jakarta Messaging provider. Calls: the JDK only.
 * Threads: writers and readers belong to one thread at a time; records are immutable.
 * Start reading at {@link org.larchmq.wire.FrameType} (what is sent), then {@link org.larchmq.message.MessageLayout}.
 */
package org.larchmq.wire;
