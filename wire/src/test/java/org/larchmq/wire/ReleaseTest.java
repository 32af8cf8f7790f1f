package org.larchmq.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReleaseTest {
    @Test
    void theConstantIsTheVersionOfThePom() throws Exception {
        assertThat(Files.readString(Path.of("pom.xml"))).contains("<version>" + Release.VERSION + "</version>");
    }
}
