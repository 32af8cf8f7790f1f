package org.larchmq.server;

import java.util.Locale;
import org.larchmq.server.cli.LarchCommand;

/** The program behind {@code bin/larchmq}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        // what scripts read and operators search for has the same digits everywhere
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        System.exit(LarchCommand.commandLine().execute(arguments));
    }
}
