/**
 * What runs beside the TCK, on its class path: finds its test classes, runs them with the JUnit platform and writes down
 * what came of each. Knows the JUnit platform and the JDK only, so that the class path stays the one an application has.
 *
 * <p>Called by: the runner, as the main class of a process. Threads: that of the tests.
 * Start reading at {@link org.larchmq.tck.suite.Suite}.
 */
package org.larchmq.tck.suite;
