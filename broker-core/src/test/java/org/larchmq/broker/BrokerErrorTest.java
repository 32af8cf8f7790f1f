package org.larchmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.larchmq.broker.settings.BrokerSettings;

/** Whatever a task on the shard's thread throws ends the broker. */
class BrokerErrorTest {
    private static final int PATIENCE_SECONDS = 30;

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void whatATaskOfTheShardThrowsFailsTheBroker(boolean ofConnections, boolean isError) throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(Path.of("unused"));
        settings = settings.with(settings.network().withPort(0));
        try (Broker broker = Broker.startInMemory(settings, 64 << 20)) {
            Runnable task = () -> {
                if (isError) throw new OutOfMemoryError("simulated");
                throw new IllegalStateException("simulated");
            };
            if (ofConnections) broker.endpoint().afterOthersOnShard(task);
            else broker.loop().execute(task);
            assertThatThrownBy(() -> broker.failure().get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasStackTraceContaining("simulated");
            assertThat(broker.stop()).isFalse();
        }
    }
}
