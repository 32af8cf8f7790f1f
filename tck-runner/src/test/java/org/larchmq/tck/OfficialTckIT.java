package org.larchmq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import org.junit.jupiter.api.Test;

/** The official TCK, which the Maven profile {@code tck} fetches; run with that profile only. */
class OfficialTckIT {
    @Test
    void theOfficialTckPassesInFull() {
        int exitCode = TckRunner.run(
                new PrintWriter(System.out, true),
                new PrintWriter(System.err, true),
                "--checkout",
                "..",
                "--jar",
                System.getProperty("tck.jar"),
                "--common",
                System.getProperty("tck.common"),
                "--timeout",
                System.getProperty("tck.timeout"));

        assertThat(exitCode).as("exit code; the results are in target/tck").isZero();
    }
}
