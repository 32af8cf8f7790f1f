package org.larchmq.broker.shard;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.larchmq.store.io.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps that must be done, whether the log has room for their entries now or later: what ends with a connection, and what
 * timers end. A step that meets a full log is begun again until it is done, so it must go on where it was; the steps after
 * it wait. There are never more steps than what they end: consumers, transactions, branches. Shard thread only.
 */
final class OwedWork {
    private static final Logger LOG = LoggerFactory.getLogger(OwedWork.class);
    private static final long RETRY_MILLIS = 200;

    private final ArrayDeque<Runnable> steps = new ArrayDeque<>();
    private final ShardLoop loop;
    private final CommitCycle cycle;
    private final Consumer<RuntimeException> failed;
    private boolean working;
    private boolean retrying;

    /** @param failed told when a step fails for another reason than a full log */
    OwedWork(ShardLoop loop, CommitCycle cycle, Consumer<RuntimeException> failed) {
        this.loop = loop;
        this.cycle = cycle;
        this.failed = failed;
    }

    /** Does a step now, or when there is room and the steps before it are done. */
    void add(Runnable step) {
        steps.add(step);
        if (!working && !retrying) work();
    }

    /** Last attempt before a stop in order; false when something is still owed. */
    boolean finish() {
        work();
        return steps.isEmpty();
    }

    private void work() {
        working = true;
        try {
            while (!steps.isEmpty()) {
                steps.peek().run();
                steps.remove();
            }
        } catch (StoreException e) {
            if (e.error().isPassing()) retryLater();
            else failed.accept(e);
        } catch (RuntimeException e) {
            failed.accept(e);
        } finally {
            working = false;
        }
        cycle.schedule();
    }

    private void retryLater() {
        if (retrying) return;
        LOG.warn(
                "The log has no room for what ended connections leave to do ({} steps); it is done when there is room."
                        + " Free space on the disk of the data directory",
                steps.size());
        retrying = true;
        loop.executeLater(this::retry, RETRY_MILLIS);
    }

    private void retry() {
        if (cycle.isEnding()) return;
        retrying = false;
        work();
    }
}
