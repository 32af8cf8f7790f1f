package org.larchmq.jms.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ProtocolException;

class SendLedgerTest {
    private static final long SEED = 20261123;

    private static PendingSend send(int bytes) {
        PendingSend send = new PendingSend(null);
        send.setBytes(bytes);
        return send;
    }

    @Test
    void whatIsConfirmedInAnyOrderIsWhatWasSent() {
        Random random = new Random(SEED);
        SendLedger ledger = new SendLedger();
        Map<Long, PendingSend> model = new HashMap<>();
        long bytes = 0;
        for (int step = 0; step < 50_000; step++) {
            if (model.size() < 500 && random.nextInt(5) < 3) {
                PendingSend send = send(random.nextInt(100));
                model.put(ledger.nextSequence(), send);
                bytes += send.bytes();
                ledger.add(send);
            } else if (!model.isEmpty()) {
                List<Long> waiting = new ArrayList<>(model.keySet());
                long sequence = waiting.get(random.nextInt(waiting.size()));
                PendingSend removed = ledger.remove(sequence);
                assertThat(removed).as("seed %d step %d", SEED, step).isSameAs(model.remove(sequence));
                bytes -= removed.bytes();
            }
            assertThat(ledger.count()).isEqualTo(model.size());
            assertThat(ledger.unconfirmedBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void anAnswerToNothingIsAProtocolError() {
        SendLedger ledger = new SendLedger();
        ledger.add(send(1));
        ledger.remove(1);
        for (long sequence : new long[] {0, 1, 2, Long.MAX_VALUE, -1}) {
            assertThatThrownBy(() -> ledger.remove(sequence)).isInstanceOf(ProtocolException.class);
        }
    }
}
