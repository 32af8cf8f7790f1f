package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** "A Connection serializes execution of its ExceptionListener": specification 6.1.7. */
@Timeout(60)
class ExceptionReportsTest {
    private final ExceptionReports reports = new ExceptionReports();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private List<String> awaitTold(int count) throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) all.add(told.poll(10, TimeUnit.SECONDS));
        return all;
    }

    @Test
    void callsComeOneAfterTheOtherInTheOrderOfTheReports() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            expected.add("report " + i);
            reports.tell(
                    why -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        Thread.yield();
                        inside.decrementAndGet();
                        told.add(why.getMessage());
                    },
                    new JMSException("report " + i),
                    "exceptions");
        }

        assertThat(awaitTold(200)).isEqualTo(expected);
        assertThat(most).hasValue(1);
    }

    @Test
    void aListenerThatFailsIsToldTheNext() throws Exception {
        reports.tell(
                why -> {
                    throw new IllegalArgumentException("a listener's mistake");
                },
                new JMSException("first"),
                "exceptions");
        reports.tell(why -> told.add(why.getMessage()), new JMSException("second"), "exceptions");

        assertThat(awaitTold(1)).containsExactly("second");
    }

    @Test
    void itIsToldAgainAfterTheThreadHasEnded() throws Exception {
        for (int i = 0; i < 50; i++) {
            String name = "report " + i;
            reports.tell(why -> told.add(why.getMessage()), new JMSException(name), "exceptions");
            assertThat(awaitTold(1)).containsExactly(name);
        }
    }
}
