/**
 * Brokers for JUnit 5 tests.
 * Called by: JUnit. Calls: org.larchmq.embedded.
 * Threads: those of JUnit.
 * Start reading at LarchMQExtension.
 */
package org.larchmq.embedded.junit;
