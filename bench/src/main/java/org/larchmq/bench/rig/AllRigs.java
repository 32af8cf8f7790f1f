package org.larchmq.bench.rig;

import org.larchmq.bench.hostile.Attacker;
import org.larchmq.bench.hostile.Burner;
import picocli.CommandLine.Command;

/** The list of rigs, for the command line. */
@Command(
        name = "rigs",
        mixinStandardHelpOptions = true,
        description = "Fault rigs against the real broker. Exit code: 0 passed, 1 failed, 77 skipped.",
        subcommands = {
            KillLoop.class,
            FailoverLoop.class,
            AckWindow.class,
            SyscallSweep.class,
            PowerCut.class,
            DiskFull.class,
            BitFlips.class,
            ManyQueues.class,
            LargeMessages.class,
            TaggedQueue.class,
            Connections.class,
            IdleConnections.class,
            XaKill.class,
            XaApplication.class,
            Hostile.class,
            Space.class,
            Attacker.class,
            Burner.class,
            Check.class
        })
public final class AllRigs {}
