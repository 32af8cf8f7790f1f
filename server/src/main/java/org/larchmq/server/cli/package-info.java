/**
 * The command line: one class for each command, each a few steps that read the settings, do one thing through another
 * package and answer in a sentence and an exit code ({@link org.larchmq.server.cli.ExitCodes}).
 *
 * <p>Called by: Main. Calls: config, security, process and quickstart; the store's verify and repair. Threads: the main
 * thread. Start reading at {@link org.larchmq.server.cli.LarchCommand}.
 */
package org.larchmq.server.cli;
