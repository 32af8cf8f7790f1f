package org.larchmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.server.config.ConfigFile.Entry;

class ConfigFileTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("larchmq.yaml");
    }

    @Test
    void nestedAndDottedNamesAreTheSame() throws IOException {
        Map<String, Entry> entries = read("network: {port: 1}\nstore.flush: async\nnetwork.host: \"127.0.0.1\"\n");

        assertThat(entries.keySet()).containsExactly("network.port", "store.flush", "network.host");
        assertThat(entries.get("store.flush")).isEqualTo(new Entry("async", Origin.line(file, 2)));
    }

    @Test
    void anEmptyFileOrSectionSaysNothing() throws IOException {
        assertThat(read("")).isEmpty();
        assertThat(read("# nothing\n")).isEmpty();
        assertThat(read("network:\n  # port: 1\nstore:\n")).isEmpty();
    }

    @Test
    void aSettingThatStandsTwiceIsRefusedWithBothLines() {
        assertRefused("network:\n  port: 1\nnetwork.port: 2\n", ":3: network.port stands at " + file + ":2 already");
    }

    @Test
    void whatIsNotAListOfSettingsIsRefusedWithItsLine() {
        assertRefused("- network\n", ":1: the file must be a list of 'name: value' lines");
        assertRefused("network: 5\n", ":1: 'network' must be a list of 'name: value' lines");
        assertRefused("network:\n  port: [1, 2]\n", ":2: network.port must be a single value");
        assertRefused("network:\n  port:\n", ":2: network.port has no value");
        assertRefused("network:\n  ? [a]\n  : 1\n", "not valid YAML: Non scalar key");
        assertRefused("network:\n\tport: 1\n", ":2: not valid YAML");
        assertRefused("a: 1\n---\nb: 2\n", "not valid YAML");
    }

    @Test
    void aTagInstantiatesNothing() {
        assertRefused("network: !!java.net.URL {port: 1, x: 2}\n", ":1: unknown setting 'network.x'");
    }

    @Test
    void aFileThatRefersToItselfIsRefused() {
        assertRefused("network: &a {network: *a}\n", "unknown setting 'network.network'");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> ConfigFile.read(file))
                .isInstanceOf(ConfigException.class)
                .hasMessage("the configuration file %s does not exist", file);
    }

    @Test
    void aFileThatIsNotTextIsNamed() throws IOException {
        Files.write(file, new byte[] {'a', ':', ' ', (byte) 0xC0, (byte) 0x80});
        assertThatThrownBy(() -> ConfigFile.read(file)).hasMessage("the configuration file %s is not UTF-8 text", file);
    }

    private void assertRefused(String text, String because) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(ConfigException.class).hasMessageContaining(because);
    }

    private Map<String, Entry> read(String text) throws IOException {
        return ConfigFile.read(Files.writeString(file, text));
    }
}
