package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How long a flush is put off for senders that are expected. */
class BatchDelayTest {
    private static final long LONGEST_NANOS = 60_000;

    private final BatchDelay batchDelay = new BatchDelay(LONGEST_NANOS);

    private void flushes(int count, int senders) {
        for (int i = 0; i < count; i++) batchDelay.flushed(senders);
    }

    /** Looks every 10 microseconds, with so many senders there. @return how often the flush was put off */
    private int putOff(int senders) {
        int times = 0;
        while (batchDelay.putsOff(senders, times * 10_000L)) times++;
        return times;
    }

    @Test
    void theFirstSenderIsNotKeptWaiting() {
        assertThat(putOff(1)).isZero();
    }

    @Test
    void aLoneSenderIsKeptWaitingNowAndThenAtMost() {
        int putOff = 0;
        for (int i = 0; i < 10_000; i++) {
            if (putOff(1) > 0) putOff++;
            batchDelay.flushed(1);
        }
        assertThat(putOff).isBetween(1, 40);
    }

    @Test
    void sendersThatTakeTurnsInBatchesAreBroughtTogether() {
        flushes(40, 4);
        for (int i = 0; i < 100 && !batchDelay.putsOff(4, 0); i++) batchDelay.flushed(4);
        assertThat(batchDelay.putsOff(8, 0)).as("all eight are there").isFalse();
        batchDelay.flushed(8);
        assertThat(batchDelay.putsOff(4, 0)).as("half of them").isTrue();
        assertThat(batchDelay.putsOff(8, 0)).isFalse();
    }

    @Test
    void whoDoesNotComeInTimeIsNotExpectedTheNextTime() {
        batchDelay.flushed(8);
        assertThat(putOff(4)).isEqualTo(6);
        batchDelay.flushed(4);
        assertThat(putOff(4)).isZero();
    }

    @Test
    void aClockThatStandsStillDoesNotKeepAnybodyWaitingForEver() {
        batchDelay.flushed(8);
        int looks = 0;
        while (batchDelay.putsOff(1, 0)) looks++;
        assertThat(looks).isLessThanOrEqualTo(200);
    }
}
