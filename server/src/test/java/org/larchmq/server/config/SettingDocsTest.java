package org.larchmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.settings.Authenticator;

/** The files that are written for people say what the table of settings says. */
class SettingDocsTest {
    @Test
    void theDistributionsConfigurationFileIsThatOfTheTable() throws IOException {
        assertThat(Files.readString(Path.of("src/main/dist/conf/larchmq.yaml")))
                .as("mend with: bin/larchmq config --template > server/src/main/dist/conf/larchmq.yaml")
                .isEqualTo(SettingDocs.commentedFile());
    }

    @Test
    void thePageOfDocumentationHoldsTheTable() throws IOException {
        assertThat(Files.readString(Path.of("../docs/configuration.md"))).contains(SettingDocs.markdownTable());
    }

    @Test
    void thePageOfDocumentationNamesEveryExitCode() throws IOException, IllegalAccessException {
        String page = Files.readString(Path.of("../docs/configuration.md"));
        for (var field : org.larchmq.server.cli.ExitCodes.class.getFields()) {
            assertThat(page).as(field.getName()).contains("| " + field.getInt(null) + " |");
        }
    }

    @Test
    void withTheCommentSignsRemovedTheFileSetsEveryDefault(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("larchmq.yaml");
        List<String> uncommented = SettingDocs.commentedFile()
                .lines()
                .map(line -> line.replaceFirst("^  # ", "  "))
                .toList();
        Files.write(file, uncommented);

        Configuration all = Configuration.load(Optional.of(file), Map.of(), List.of());
        Configuration none = Configuration.load(Optional.empty(), Map.of(), List.of());

        assertThat(all.values()).allMatch(value -> value.origin().text().startsWith(file.toString()));
        Authenticator authenticator = Authenticator.anonymousOnly();
        assertThat(all.brokerSettings(directory, authenticator))
                .isEqualTo(none.brokerSettings(directory, authenticator));
    }

    @Test
    void everySettingHasAVariableOfItsOwn() {
        assertThat(SettingKeys.all())
                .extracting(SettingKey::environmentVariable)
                .doesNotHaveDuplicates();
        assertThat(SettingKeys.find("network.ioThreads").orElseThrow().environmentVariable())
                .isEqualTo("LARCHMQ_SET_NETWORK_IO_THREADS");
    }

    @Test
    void theNearestSettingIsTheOneMeant() {
        assertThat(SettingKeys.nearest("network.prot").name()).isEqualTo("network.port");
        assertThat(SettingKeys.nearest("iothreads").name()).isEqualTo("network.ioThreads");
        assertThat(SettingKeys.nearest("store.flushinterval").name()).isEqualTo("store.flushInterval");
        assertThat(SettingKeys.nearest("maxDelivery").name()).isEqualTo("redelivery.maxDeliveries");
        assertThat(SettingKeys.nearest("stor.flush").name()).isEqualTo("store.flush");
    }
}
