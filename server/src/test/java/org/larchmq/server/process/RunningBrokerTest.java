package org.larchmq.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningBrokerTest {
    @TempDir
    private Path directory;

    @Test
    void whatABrokerLeavesIsFoundAgain() throws IOException {
        RunningBroker broker = RunningBroker.here("127.0.0.1", 5680, "s3cret");

        broker.write(directory);

        assertThat(RunningBroker.read(directory)).contains(broker);
        assertThat(broker.process()).contains(ProcessHandle.current());
        assertThat(broker.toString()).doesNotContain("s3cret");
        Path file = RunningBroker.fileIn(directory);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        RunningBroker.delete(directory);
        assertThat(RunningBroker.read(directory)).isEmpty();
    }

    @Test
    void aLaterProcessWithTheSameNumberIsNotTheBroker() {
        RunningBroker here = RunningBroker.here("127.0.0.1", 5680, "");
        RunningBroker earlier =
                new RunningBroker(here.pid(), "ticks-1", here.host(), here.port(), here.started(), true, here.secret());
        assertThat(earlier.process()).isEmpty();
    }

    @Test
    void aProcessThatHasEndedIsNotTheBroker() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("cat").start();
        String identity = ProcessIdentity.of(process.pid()).orElseThrow();
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        RunningBroker ended = new RunningBroker(process.pid(), identity, "h", 1, java.time.Instant.now(), true, "");
        assertThat(ended.process()).isEmpty();
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        Path file = Files.writeString(RunningBroker.fileIn(directory), "pid=x\n");
        assertThatThrownBy(() -> RunningBroker.read(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }
}
