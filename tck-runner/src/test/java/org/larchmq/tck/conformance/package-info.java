/**
 * Our own conformance suite: what the Jakarta Messaging 3.1 specification and the API's Javadoc ask for, section by
 * section, against a real broker over TCP. A package per chapter; {@link org.larchmq.tck.conformance.Section} names the
 * section; docs/conformance.md is the table.
 * Called by: JUnit. Calls: jakarta.jms, and EmbeddedLarchMQ for the broker.
 * Threads: JUnit's, and those of the client.
 * Start reading at AgainstBroker.
 */
package org.larchmq.tck.conformance;
