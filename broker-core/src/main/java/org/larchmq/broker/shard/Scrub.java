package org.larchmq.broker.shard;

import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.RatePace;
import org.larchmq.store.io.ReadPace;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.VerifyReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads once, beside the running broker, what a start does not read: log entries before the checkpoint and queue pages that
 * are not in use. A flipped bit there would otherwise be met on the day when the entry is needed. What is damaged is
 * reported, and nothing else is done about it.
 *
 * <p>{@link #run} on a thread of its own; the others on any.
 */
public final class Scrub implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);

    private final RecoveredStore store;
    private final ShardLoop loop;
    private final long rateBytes;
    private final RatePace pace;
    private final AtomicLong readBytes = new AtomicLong();
    private final AtomicLong damages = new AtomicLong();
    private volatile String stage;

    /** @param rateBytes per second; 0 for never */
    Scrub(RecoveredStore store, ShardLoop loop, Clock clock, long rateBytes) {
        this.store = store;
        this.loop = loop;
        this.rateBytes = rateBytes;
        this.pace = new RatePace(Math.max(1, rateBytes), clock);
        this.stage = isOn() ? "waiting" : "off";
    }

    public boolean isOn() {
        return rateBytes > 0;
    }

    /** Returns when everything was read, or after {@link #stop}. */
    @Override
    public void run() {
        run(pace);
    }

    void run(ReadPace readPace) {
        ReadPace counted = bytes -> {
            readBytes.addAndGet(bytes);
            readPace.afterRead(bytes);
        };
        stage = "running";
        try {
            long logBytes = store.log().scrub().run(counted, fault -> loop.execute(() -> report(fault)));
            long pages = store.queues().scrub().run(counted, pageId -> loop.execute(() -> judge(pageId)));
            loop.execute(() -> finished(logBytes, pages));
        } catch (CancellationException | RejectedExecutionException stopped) {
            stage = "stopped";
        } catch (StoreException e) {
            stage = "ended by an error";
            LOG.warn("The data directory could not be checked to the end: {}", e.getMessage());
        }
    }

    /** No file of the store is read any more once the current read is over. */
    public void stop() {
        pace.stop();
    }

    /** For an operator, one clause. */
    public String toText() {
        return "%s, %d bytes read, %d damaged places found".formatted(stage, readBytes.get(), damages.get());
    }

    private void report(VerifyReport.Fault fault) {
        damages.incrementAndGet();
        long from = fault.physicalOffset();
        long to = from + fault.bytes();
        LOG.warn(
                "The log is damaged: {}; {} [file={} offset={} bytes={} physicalOffset={}]. Remedy: restore a backup, or"
                        + " stop the broker and accept the loss with: larchmq repair --data DIR; what is settled goes with"
                        + " its segment by itself",
                fault.description(),
                new DamagedMessages(store.state(), from, to)
                        .describe(store.log().endOffset()),
                fault.file(),
                fault.filePosition(),
                fault.bytes(),
                from);
    }

    private void judge(int pageId) {
        try {
            store.queues().judge(pageId).ifPresent(damage -> {
                damages.incrementAndGet();
                LOG.warn("{}", damage.getMessage());
            });
        } catch (StoreException e) {
            LOG.warn("A queue page could not be checked: {}", e.getMessage());
        }
    }

    private void finished(long logBytes, long pages) {
        stage = "done";
        LOG.info(
                "Checked the data directory for damage: {} bytes of log, {} queue pages, {} damaged places",
                logBytes,
                pages,
                damages.get());
    }
}
