/**
 * A broker inside the process of its clients, for tests of applications.
 * Called by: applications' tests. Calls: org.larchmq.broker (the facade and its settings), org.larchmq.jms.
 * Threads: every type says so itself.
 * Start reading at EmbeddedLarchMQ.
 */
package org.larchmq.embedded;
