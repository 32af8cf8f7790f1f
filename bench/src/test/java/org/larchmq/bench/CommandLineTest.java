package org.larchmq.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine commands = Rigs.commandLine();
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commands.execute(args);
    }

    @Test
    void everyRigHasHelp() {
        for (String rig : Rigs.commandLine().getSubcommands().keySet()) {
            if (List.of("idle-connections", "attacker", "burner").contains(rig)) continue; // not for people
            assertThat(run(rig, "--help")).as(rig).isZero();
        }
        assertThat(out.toString()).contains("kill-loop", "power-cut");
    }

    @Test
    void theLoadGeneratorRefusesContradictions() {
        assertThat(run("perf", "--queue", "q", "--topic", "t")).isEqualTo(2);
        assertThat(err.toString()).contains("--queue and --topic exclude each other");
        assertThat(run("perf", "--size", "4")).isEqualTo(2);
        assertThat(err.toString()).contains("--size must be at least 16");
        assertThat(run("perf", "--duration", "soon")).isEqualTo(2);
        assertThat(err.toString()).contains("500ms, 10s, 2m or 1h");
    }

    @Test
    void aRigWithoutABrokerSaysWhatToDo() {
        assertThat(run("kill-loop", "--home", "/nonexistent")).isEqualTo(1);
        assertThat(out.toString()).contains("no bin/larchmq in /nonexistent").contains("LARCHMQ_HOME");
    }
}
