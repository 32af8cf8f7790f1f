package org.larchmq.jms.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
        refused("tcp://h?prefetchBytes=99999999999MiB", "'prefetchBytes'");
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
        refused("failover:(tcp://a,tcp://b", "'('", "character 10", "not closed");
        refused("failover:(tcp://a,)", "tcp://", "character 19");
        refused("failover:(tcp://a:0,tcp://b)", "broker at character 11", "port");
        refused("failover:(tcp://a)x", "behind ')' at character 18");
        refused("failover:(tcp://a?prefetch=1,tcp://b?prefetch=2)", "prefetch", "two values");
        refused("failover:(tcp://a)?maxReconectAttempts=3", "nearest is 'maxReconnectAttempts'");
        refused("failover:(tcp://a)?backOffMultiplier=0.5", "backOffMultiplier", "from 1 to 100");
        refused("failover:(tcp://a)?backOffMultiplier=NaN", "backOffMultiplier", "from 1 to 100");
    }

    @Test
    void severalBrokersAreListedWithTheOptionsThatCountForAll() {
        LarchUri uri = LarchUri.parse(
                "failover:(tcp://a:1?prefetch=5,tcp://[::1]:2)?maxReconnectAttempts=3&initialReconnectDelay=20ms");
        assertThat(uri.failover()).isTrue();
        assertThat(uri.brokers()).containsExactly(new LarchUri.Address("a", 1), new LarchUri.Address("[::1]", 2));
        assertThat(uri.options().prefetch()).isEqualTo(5);
        assertThat(uri.options().maxReconnectAttempts()).isEqualTo(3);
        assertThat(LarchUri.parse(uri.text(true))).hasToString(uri.toString());
        for (String one : new String[] {"failover:tcp://a:1", "failover://(tcp://a:1)", "(tcp://a:1)"}) {
            assertThat(LarchUri.parse(one).brokers()).containsExactly(new LarchUri.Address("a", 1));
            assertThat(LarchUri.parse(one).failover()).isTrue();
        }
        assertThat(LarchUri.parse("failover:tcp://a,tcp://b?randomize=false").brokers())
                .hasSize(2);
        assertThat(LarchUri.parse("tcp://a").failover()).isFalse();
    }

    @Test
    void otherProvidersNamesOfTheSameOptionAreUnderstood() {
        var options = LarchUri.parse("(tcp://a,tcp://b)?reconnectAttempts=7&retryInterval=50&maxRetryInterval=900"
                        + "&retryIntervalMultiplier=1.5&timeout=-1&randomize=false")
                .options();
        assertThat(options.maxReconnectAttempts()).isEqualTo(7);
        assertThat(options.initialReconnectDelayMillis()).isEqualTo(50);
        assertThat(options.maxReconnectDelayMillis()).isEqualTo(900);
        assertThat(options.backOffMultiplier()).isEqualTo(1.5);
        assertThat(options.failoverTimeoutMillis()).isEqualTo(-1);
        assertThat(options.randomize()).isFalse();
        assertThat(LarchUri.parse("failover:tcp://a?useExponentialBackOff=false")
                        .options()
                        .backOffMultiplier())
                .isEqualTo(1);
    }

    @Test
    void userAndPasswordMayStandBeforeTheHost() {
        LarchUri uri = LarchUri.parse("tcp://shop:s%40crét@broker:1234?prefetch=3");
        assertThat(uri.options().user()).isEqualTo("shop");
        assertThat(uri.options().password()).isEqualTo("s@crét");
        assertThat(uri.host()).isEqualTo("broker");
        assertThat(uri.port()).isEqualTo(1234);
        assertThat(uri.options().prefetch()).isEqualTo(3);
        assertThat(LarchUri.parse("tcp://shop@[::1]").options().user()).isEqualTo("shop");
        LarchUri both = LarchUri.parse("failover:(tcp://u:p@a:1,tcp://u:p@b:2)");
        assertThat(both.brokers()).containsExactly(new LarchUri.Address("a", 1), new LarchUri.Address("b", 2));
        assertThat(both.options().password()).isEqualTo("p");
        refused("tcp://a:x@h?user=b", "'user'", "two values");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://u:geheim@h",
                "tcp://u:geheim@h?nonsense=1",
                "tcp://u:geheim@h:x",
                "tcp://u:geheim@h:99999999",
                "tcp://u:geheim@",
                "tcp://u:geheim@a b",
                "tcp://u:geheim?x@h",
                "tcp://u:geheim/x@h",
                "tcp://u:a@geheim@h",
                "tcp://u:geheim#x@h",
                "tcp://u:geheim@h,tcp://u:geheim@g",
                "failover:(tcp://u:geheim@h:0,tcp://g)",
                "failover:(tcp://u:ge,geheim@h,tcp://g)",
                "ssl://u:geheim@h",
                "failover:(tcp://h?password=geheim&x=1)",
                "tcp://h?pasword=geheim",
                "tcp://h?passwd=geheim",
                "tcp://h?password=a%2Gb&password=geheim",
                "tcp://h?user=a&password=geheim%2",
            })
    void aPasswordIsInNoTextOfTheUri(String uri) {
        for (Throwable e = catchThrowable(
                        () -> assertThat(LarchUri.parse(uri).toString()).doesNotContain("geheim"));
                e != null;
                e = e.getCause()) {
            assertThat(e).isInstanceOf(IllegalArgumentException.class);
            assertThat(e.getMessage()).doesNotContain("geheim");
        }
    }

    @Test
    void whatMeansTheSameElsewhereIsUnderstood() {
        ClientOptions options = LarchUri.parse("tcp://h?userName=u&jms.password=p&clientID=c&jms.prefetchPolicy.all=9")
                .options();
        assertThat(options.user()).isEqualTo("u");
        assertThat(options.password()).isEqualTo("p");
        assertThat(options.clientId()).isEqualTo("c");
        assertThat(options.prefetch()).isEqualTo(9);
    }

    @Test
    void whatMeansSomethingElseHereIsExplained() {
        for (String scheme : List.of("ssl", "tls", "SSL", "tcp+ssl", "nio+ssl")) {
            refused(scheme + "://h:1", "TLS", "tcp://h:1");
        }
        refused("failover:(ssl://h)", "TLS");
        refused("tcp://a:1,tcp://b:2?prefetch=3", "failover:(tcp://a:1,tcp://b:2)?prefetch=3");
        refused("tcp://a:1,b", "failover:(tcp://a:1,tcp://b)");
        refused("a:1,b", "tcp://");
        refused("amqp://h", "amqp", "tcp://h");
        refused("http://h", "http", "tcp://h");
        refused("nio://h", "tcp://h");
        refused("localhost:5680", "tcp://localhost:5680");
        refused("tcp://h?sslEnabled=true", "TLS");
        refused("tcp://h?consumerWindowSize=0", "prefetchBytes", "prefetch=0");
        refused("tcp://h?jms.prefetchPolicy.queuePrefetch=5", "prefetch");
        refused("tcp://h?wireFormat.maxInactivityDuration=5", "heartbeat");
        refused("tcp://h?jms.useAsyncSend=true", "sendNonPersistentAsync");
        refused("tcp://h?jms.redeliveryPolicy.maximumRedeliveries=3", "redelivery.maxDeliveries");
        refused("tcp://h?ha=true", "failover:");
    }

    @Test
    void durationsAndSizesAreWrittenAsInTheBrokersFile() {
        ClientOptions options = LarchUri.parse(
                        "tcp://h?sendTimeout=2min&requestTimeout=1h&closeTimeout=500ms&connectTimeout=250&prefetchBytes=16MiB"
                                + "&compressionMinSize=4096")
                .options();
        assertThat(options.sendTimeoutMillis()).isEqualTo(120_000);
        assertThat(options.requestTimeoutMillis()).isEqualTo(3_600_000);
        assertThat(options.closeTimeoutMillis()).isEqualTo(500);
        assertThat(options.connectTimeoutMillis()).isEqualTo(250);
        assertThat(options.prefetchBytes()).isEqualTo(16 << 20);
        assertThat(options.compressionMinBytes()).isEqualTo(4096);
        refused("tcp://h?sendTimeout=5m", "'sendTimeout'", "min or MiB?", "'5m'");
        refused("tcp://h?prefetchBytes=5m", "'prefetchBytes'", "min or MiB?");
        refused("tcp://h?prefetchBytes=5M", "'prefetchBytes'", "min or MiB?");
        refused("tcp://h?prefetchBytes=16mib", "'prefetchBytes'", "unknown unit 'mib'");
    }

    @Test
    void anIpv6AddressIsPrintedInBrackets() {
        assertThat(new LarchUri.Address("::1", 5680)).hasToString("tcp://[::1]:5680");
        assertThat(new LarchUri.Address("[::1]", 5680)).hasToString("tcp://[::1]:5680");
    }

    @Test
    void nullIsRefusedWithAReason() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LarchUri.parse(null))
                .withMessageContaining("null");
        for (Option option : Option.values()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ClientOptions.DEFAULTS.with(option, null))
                    .withMessageContaining("'" + option.key() + "' is null");
        }
    }

    private static void refused(String uri, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LarchUri.parse(uri))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }
}
