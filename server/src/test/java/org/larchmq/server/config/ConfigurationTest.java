package org.larchmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.settings.Authenticator;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.server.config.Configuration.Given;
import org.larchmq.server.config.Configuration.Value;

class ConfigurationTest {
    private static final Path DATA = Path.of("data");

    @TempDir
    private Path directory;

    @Test
    void withNothingGivenEverySettingIsBrokerCoresDefault() {
        BrokerSettings expected = BrokerSettings.defaults(DATA).with(Authenticators.NOBODY);

        BrokerSettings settings = load(Optional.empty(), Map.of()).brokerSettings(DATA, Authenticators.NOBODY);

        assertThat(settings).isEqualTo(expected);
    }

    @Test
    void everySettingReachesTheComponentItIsNamedAfter() throws ReflectiveOperationException {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("network.host", "127.0.0.9");
        texts.put("network.port", "1001");
        texts.put("network.ioThreads", "102");
        texts.put("network.maxConnections", "1003");
        texts.put("network.handshakeTimeout", "1004ms");
        texts.put("network.heartbeat", "1005ms");
        texts.put("network.sendWindow", "1006KiB");
        texts.put("network.compression", "zstd");
        texts.put("store.flush", "async");
        texts.put("store.flushInterval", "2001ms");
        texts.put("store.segmentSize", "202MiB");
        texts.put("store.tailMemory", "203MiB");
        texts.put("store.reserved", "204MiB");
        texts.put("store.checkpointInterval", "2005ms");
        texts.put("store.checkpointLog", "206MiB");
        texts.put("store.scrubRate", "207MiB");
        texts.put("limits.maxMessage", "31KiB");
        texts.put("limits.maxTransaction", "32KiB");
        texts.put("limits.maxTransactionMessages", "33");
        texts.put("limits.memoryBudget", "34MiB");
        texts.put("limits.maxDestinations", "35");
        texts.put("limits.maxConsumersPerConnection", "36");
        texts.put("limits.maxUnsettledPerConsumer", "37");
        texts.put("redelivery.maxDeliveries", "41");
        texts.put("redelivery.deadLetterQueue", "dead.letters");
        texts.put("redelivery.delay", "42ms");
        texts.put("redelivery.delayMultiplier", "4.5");
        texts.put("redelivery.maxDelay", "44ms");
        texts.put("destinations.createOnFirstUse", "false");
        texts.put("security.anonymous", "false");
        texts.put("security.usersFile", "other.yaml");
        assertThat(texts.keySet())
                .as("settings of this test")
                .isEqualTo(new java.util.LinkedHashSet<>(
                        SettingKeys.all().stream().map(SettingKey::name).toList()));

        Configuration configuration = load(Optional.empty(), texts);
        BrokerSettings settings = configuration.brokerSettings(DATA, Authenticators.NOBODY);

        for (Record section : List.of(settings.network(), settings.store(), settings.limits(), settings.redelivery())) {
            for (RecordComponent component : section.getClass().getRecordComponents()) {
                String name = section.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT) + "."
                        + component.getName().replaceFirst("(Bytes|Millis)$", "");
                SettingKey key = SettingKeys.find(name).orElseThrow(() -> new AssertionError("no setting " + name));
                Object actual = component.getAccessor().invoke(section);
                assertThat(asParsed(actual)).as(name).isEqualTo(key.type().parse(texts.get(name)));
            }
        }
        assertThat(settings.createDestinationsOnFirstUse()).isFalse();
        assertThat(configuration.anonymousAllowed()).isFalse();
        assertThat(configuration.usersFile(DATA)).isEqualTo(DATA.resolve("other.yaml"));
    }

    @Test
    void theCommandLineBeatsTheEnvironmentWhichBeatsTheFileWhichBeatsTheDefault() throws IOException {
        Path file = file("""
                network:
                  port: 1001
                  heartbeat: 1s
                store.flush: async
                """);
        Map<String, String> environment =
                Map.of("LARCHMQ_SET_NETWORK_PORT", "1002", "LARCHMQ_SET_STORE_FLUSH", "sync", "PATH", "/bin");
        List<Given> given =
                List.of(Given.parse("network.port=1003"), new Given("network.port", "1004", Origin.option("--port")));

        Configuration configuration = Configuration.load(Optional.of(file), environment, given);

        assertThat(lineOf(configuration, "network.port")).isEqualTo("1004 --port");
        assertThat(lineOf(configuration, "store.flush")).isEqualTo("sync environment LARCHMQ_SET_STORE_FLUSH");
        assertThat(lineOf(configuration, "network.heartbeat")).isEqualTo("1s " + file + ":3");
        assertThat(lineOf(configuration, "network.host")).isEqualTo("127.0.0.1 default");
    }

    @Test
    void anUnknownSettingNamesItsLineAndTheNearestOne() throws IOException {
        Path file = file("store:\n  flush: sync\n  flushIntervall: 100ms\n");

        assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "%s:3: unknown setting 'store.flushIntervall'; did you mean 'store.flushInterval'?"
                                + " `larchmq config` lists all of them",
                        file);
    }

    @Test
    void anUnknownSectionOrSettingOfTheCommandLineOrEnvironmentIsRefusedToo() throws IOException {
        Path file = file("netwrk:\n  port: 1\n");
        assertThatThrownBy(() -> load(Optional.of(file), Map.of())).hasMessageContaining(file + ":1: unknown setting");
        assertThatThrownBy(() -> load(Optional.empty(), Map.of("port", "1")))
                .hasMessageContaining("--set: unknown setting 'port'; did you mean 'network.port'?");
        assertThatThrownBy(() -> Configuration.load(
                        Optional.empty(), Map.of("LARCHMQ_SET_STORE_TAIL_MEMORI", "1MiB"), List.of()))
                .hasMessageContaining("environment LARCHMQ_SET_STORE_TAIL_MEMORI: unknown setting")
                .hasMessageContaining("did you mean 'store.tailMemory'?");
    }

    @Test
    void aValueOfTheWrongTypeNamesTheSettingItsOriginAndWhatIsExpected() throws IOException {
        Path file = file("\n\nstore.tailMemory: 32\n");
        assertThatThrownBy(() -> load(Optional.of(file), Map.of()))
                .hasMessageStartingWith(file + ":3: store.tailMemory has no unit; it must be a size such as 16MiB")
                .hasMessageEndingWith("it is '32'");
        assertThatThrownBy(() -> load(Optional.empty(), Map.of("store.flush", "fast")))
                .hasMessage("--set: store.flush must be sync or async; it is 'fast'");
        assertThatThrownBy(() -> load(Optional.empty(), Map.of("security.anonymous", "yes")))
                .hasMessage("--set: security.anonymous must be true or false; it is 'yes'");
        assertThatThrownBy(() -> load(Optional.empty(), Map.of("network.port", "80a")))
                .hasMessage("--set: network.port must be a whole number; it is '80a'");
        assertThatThrownBy(() -> load(Optional.empty(), Map.of("redelivery.deadLetterQueue", " ")))
                .hasMessageContaining("redelivery.deadLetterQueue must not be empty");
    }

    @Test
    void aValueOutOfItsRangeNamesTheSettingItsOriginAndTheRange() throws IOException {
        Path file = file("store:\n  flushInterval: 2min\n");
        assertThatThrownBy(() -> bind(load(Optional.of(file), Map.of())))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(file + ":2: store.flushInterval must be from 1 to 60000, is 120000")
                .hasMessageEndingWith("(in milliseconds); it is given as '2min'");
        assertThatThrownBy(() -> bind(load(Optional.empty(), Map.of("network.port", "70000"))))
                .hasMessageStartingWith("--set: network.port must be from 0 to 65535, is 70000");
        assertThatThrownBy(() -> bind(load(Optional.empty(), Map.of("network.port", "-1"))))
                .hasMessageStartingWith("--set: network.port must be from 0 to 65535, is -1");
        assertThatThrownBy(() -> bind(load(Optional.empty(), Map.of("limits.maxMessage", "1TiB"))))
                .hasMessageStartingWith("--set: limits.maxMessage must be less than 2147483648");
        assertThatThrownBy(() -> bind(load(Optional.empty(), Map.of("redelivery.delayMultiplier", "0.5"))))
                .hasMessageStartingWith("--set: redelivery.delayMultiplier must be from 1 to 100");
    }

    @Test
    void everyRangeThatBrokerCoreRefusesIsTracedBackToItsSetting() {
        for (SettingKey key : SettingKeys.all()) {
            String absurd = switch (key.type()) {
                case WHOLE_NUMBER -> "999999999999999999";
                case SIZE -> "8388607TiB";
                case DURATION -> "999999999d";
                case DECIMAL -> "1000000";
                case TEXT, SWITCH, FLUSH, COMPRESSIONS -> "";
            };
            if (absurd.isEmpty()) continue;
            assertThatThrownBy(() -> bind(load(Optional.empty(), Map.of(key.name(), absurd))))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageStartingWith("--set: " + key.name() + " must be ");
        }
    }

    @Test
    void autoIsTakenWhereItIsDocumentedOnly() {
        BrokerSettings settings = bind(load(Optional.empty(), Map.of("store.segmentSize", "auto")));
        assertThat(settings.store().segmentSizeBytes()).isZero();
        assertThatThrownBy(() -> load(Optional.empty(), Map.of("store.tailMemory", "auto")))
                .hasMessageContaining("store.tailMemory must be a size");
        assertThatThrownBy(() -> load(Optional.empty(), Map.of("store.reserved", "car")))
                .hasMessageContaining("or auto; it is 'car'");
    }

    @Test
    void aSetWithoutEqualsSignIsRefused() {
        assertThatThrownBy(() -> Given.parse("store.flush"))
                .hasMessage("--set store.flush: must be key=value, such as store.flush=async");
        assertThat(Given.parse("redelivery.deadLetterQueue=a=b").text()).isEqualTo("a=b");
    }

    private Configuration load(Optional<Path> file, Map<String, String> set) {
        List<Given> given = new ArrayList<>();
        set.forEach((name, text) -> given.add(new Given(name, text, Origin.SET)));
        return Configuration.load(file, Map.of(), given);
    }

    private static BrokerSettings bind(Configuration configuration) {
        return configuration.brokerSettings(DATA, Authenticators.NOBODY);
    }

    private static String lineOf(Configuration configuration, String name) {
        Value value = configuration.values().stream()
                .filter(candidate -> candidate.key().name().equals(name))
                .findFirst()
                .orElseThrow();
        return value.text() + " " + value.origin();
    }

    /** Numbers as the parser gives them. */
    private static Object asParsed(Object value) {
        return value instanceof Integer number ? Long.valueOf(number) : value;
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("larchmq.yaml"), text);
    }

    private static final class Authenticators {
        static final Authenticator NOBODY = Authenticator.anonymousOnly();
    }
}
