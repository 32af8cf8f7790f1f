package org.larchmq.jms.net;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** One timer thread for all connections of this JVM; it ends when there is nothing to wait for. Its tasks are short. */
final class SharedTimer {
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private SharedTimer() {}

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(1, task -> Threads.daemon(task, "larchmq-timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(1, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    static Future<?> once(int delayMillis, Runnable task) {
        return TIMER.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
    }

    static Future<?> every(int intervalMillis, Runnable task) {
        return TIMER.scheduleWithFixedDelay(task, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
    }
}
