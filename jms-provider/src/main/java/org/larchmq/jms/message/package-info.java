/**
 * Messages and destinations: the five message types with the specification's conversions and read-only states, their
 * encoding, and copies of other providers' messages. A received message is a slice of the frame it came in and decodes
 * headers, properties and body when they are asked for.
 *
 * <p>Called by: the session package and applications (through the API). Calls: wire, error, compression.
 * Threads: a message belongs to one thread at a time. Start reading at {@link org.larchmq.jms.message.LarchMessage},
 * then {@link org.larchmq.jms.message.MessageEncoder} and {@link org.larchmq.jms.message.MessageDecoder}.
 */
package org.larchmq.jms.message;
