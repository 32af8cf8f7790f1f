package org.larchmq.server;

import org.larchmq.server.cli.LarchCommand;

/** The program behind {@code bin/larchmq}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(LarchCommand.commandLine().execute(arguments));
    }
}
