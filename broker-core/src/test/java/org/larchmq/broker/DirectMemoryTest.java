package org.larchmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DirectMemoryTest {
    private static final long MIB = 1 << 20;

    @Test
    void clientsHaveAnEighthOfWhatTheLogLeaves() throws Exception {
        assertThat(DirectMemory.shareOfClients(256 * MIB, 32 * MIB)).isEqualTo(28 * MIB);
        assertThat(DirectMemory.shareOfClients(1L << 40, 32 * MIB)).isEqualTo(1 << 30);
        assertThat(DirectMemory.shareOfClients(58 * MIB, 32 * MIB)).isEqualTo(4 * MIB);
    }

    @Test
    void aBrokerThatCouldServeNobodyDoesNotStart() {
        for (long most : new long[] {8 * MIB, 32 * MIB, 55 * MIB}) {
            assertThatThrownBy(() -> DirectMemory.shareOfClients(most, 32 * MIB))
                    .isInstanceOf(BrokerStartException.class)
                    .hasMessageContaining("-XX:MaxDirectMemorySize is " + most)
                    .hasMessageContaining("store.tailMemory");
        }
    }
}
