package org.larchmq.server;

import java.util.Locale;
import org.larchmq.server.cli.ExitCodes;
import org.larchmq.server.cli.LarchCommand;
import org.larchmq.server.output.LogAppender;

/** The program behind {@code bin/larchmq}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        // what scripts read and operators search for has the same digits everywhere
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        int exitCode;
        try {
            exitCode = LarchCommand.commandLine().execute(arguments);
        } catch (Error e) { // threads that are left would keep a process alive that does nothing
            System.err.println("larchmq: unexpected " + e);
            exitCode = ExitCodes.BROKER_FAILED;
        }
        LogAppender.closeLog();
        System.exit(exitCode);
    }
}
