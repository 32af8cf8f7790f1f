package org.larchmq.jms.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.wire.Protocol;

class LarchUriTest {
    @Test
    void defaultsAreTheDocumentedOnes() {
        ClientOptions options = LarchUri.parse("tcp://localhost").options();

        assertThat(options.prefetch()).isEqualTo(1000);
        assertThat(options.prefetchBytes()).isEqualTo(8 << 20);
        assertThat(options.autoAckWindow()).isEqualTo(1000);
        assertThat(options.connectTimeoutMillis()).isEqualTo(10_000);
        assertThat(options.requestTimeoutMillis()).isEqualTo(30_000);
        assertThat(options.sendTimeoutMillis()).isEqualTo(60_000);
        assertThat(options.closeTimeoutMillis()).isEqualTo(10_000);
        assertThat(options.heartbeatMillis()).isEqualTo(30_000);
        assertThat(options.sendNonPersistentAsync()).isFalse();
        assertThat(options.trustedPackages()).isEmpty();
        assertThat(options.user()).isEmpty();
        assertThat(options.password()).isEmpty();
        assertThat(options.clientId()).isEmpty();
    }

    @Test
    void everyDefaultIsWithinItsOwnRange() {
        for (Option option : Option.values()) {
            assertThat(option.parse(option.defaultText())).as(option.key()).isNotNull();
        }
    }

    @Test
    void hostPortAndOptionsAreRead() {
        LarchUri uri = LarchUri.parse(
                "tcp://broker.example:1234?user=a%26b&password=s%3Dcr%C3%A9t&prefetch=7&sendTimeout=5s&prefetchBytes=64KiB"
                        + "&trustedPackages=com.acme, org.x");

        assertThat(uri.host()).isEqualTo("broker.example");
        assertThat(uri.port()).isEqualTo(1234);
        assertThat(uri.options().user()).isEqualTo("a&b");
        assertThat(uri.options().password()).isEqualTo("s=crét");
        assertThat(uri.options().prefetch()).isEqualTo(7);
        assertThat(uri.options().sendTimeoutMillis()).isEqualTo(5000);
        assertThat(uri.options().prefetchBytes()).isEqualTo(65_536);
        assertThat(uri.options().trustedPackages()).isEqualTo(List.of("com.acme", "org.x"));
    }

    @Test
    void thePortMayBeLeftOutAndTheHostMayBeAnIpv6Address() {
        assertThat(LarchUri.parse("tcp://h").port()).isEqualTo(Protocol.DEFAULT_PORT);
        assertThat(LarchUri.parse("tcp://[::1]:99/").port()).isEqualTo(99);
        assertThat(LarchUri.parse("tcp://[::1]").host()).isEqualTo("[::1]");
    }

    @Test
    void thePasswordIsNeverShown() {
        assertThat(LarchUri.parse("tcp://h?password=geheim&user=u")).asString().doesNotContain("geheim");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LarchUri.parse("tcp://h?password=geheim&nonsense=1"))
                .withMessageNotContaining("geheim");
    }

    @Test
    void anUnknownOptionNamesTheNearestKnownOne() {
        refused("tcp://h?prefetsh=5", "'prefetsh'", "'prefetch'");
        refused("tcp://h?ClientID=5", "'ClientID'", "'clientId'");
    }

    @Test
    void aBadValueNamesOptionRangeAndValue() {
        refused("tcp://h?prefetch=-1", "'prefetch'", "from 0 to 1000000", "'-1'");
        refused("tcp://h?sendTimeout=soon", "'sendTimeout'", "ms", "'soon'");
        refused("tcp://h?sendNonPersistentAsync=yes", "true or false", "'yes'");
        refused("tcp://h?prefetchBytes=99999999999M", "'prefetchBytes'");
    }

    @Test
    void aBrokenUriSaysWhatAndWhere() {
        refused("http://h", "tcp://", "character 1");
        refused("tcp://", "host is missing", "character 7");
        refused("tcp://h:0", "port at character 9", "'0'");
        refused("tcp://h:x", "port at character 9", "'x'");
        refused("tcp://a b", "' '", "character 8");
        refused("tcp://[::1", "'['", "not closed");
        refused("tcp://::1", "brackets");
        refused("tcp://h?prefetch", "'prefetch' at character 9", "option=value");
        refused("tcp://h?user=%4", "'%' at character 14");
        refused("tcp://h?prefetch=1&prefetch=2", "twice");
        refused("failover:(tcp://a,tcp://b)", "not available");
    }

    private static void refused(String uri, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LarchUri.parse(uri))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }
}
