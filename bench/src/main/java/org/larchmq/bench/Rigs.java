package org.larchmq.bench;

import org.larchmq.bench.perf.PerfCommand;
import org.larchmq.bench.rig.AllRigs;
import picocli.CommandLine;

/** Entry point of the fault rigs, with the load generator beside them. */
public final class Rigs {
    private Rigs() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new AllRigs()).addSubcommand(new PerfCommand());
    }
}
