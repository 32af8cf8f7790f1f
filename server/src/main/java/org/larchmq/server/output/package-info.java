/**
 * What the process says on its standard output and standard error, so that nobody who says something waits for somebody
 * who reads it.
 *
 * <p>Called by: logback (the appender of logback.xml), the process package, Main. Calls: logback, slf4j. Threads: any; one
 * writer for each output. Start reading at {@link org.larchmq.server.output.BoundedOutput}.
 */
package org.larchmq.server.output;
