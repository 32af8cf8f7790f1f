package org.larchmq.bench.rig;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.larchmq.checker.Checker;
import org.larchmq.checker.CheckerSettings;
import org.larchmq.checker.HistoryReader;
import org.larchmq.checker.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "check", mixinStandardHelpOptions = true, description = "Judges history files again.")
final class Check implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "history files of one run")
    private List<Path> files;

    @Option(names = "--skew", defaultValue = "250", description = "ms a message may arrive after its expiry")
    private long skewMillis;

    @Option(names = "--not-drained", description = "the run did not end with everything drained")
    private boolean notDrained;

    @Override
    public Integer call() {
        CheckerSettings settings =
                CheckerSettings.defaults().withClockSkewMillis(skewMillis).withDrained(!notDrained);
        Verdict verdict = Checker.check(HistoryReader.of(files), settings);
        spec.commandLine().getOut().print(verdict.report());
        spec.commandLine().getOut().flush();
        return verdict.passed() ? 0 : 1;
    }
}
