package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.catalog.DataDirectory;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.log.SegmentHead;
import org.larchmq.wire.FrameType;

/** A whole shard in one thread, on a simulated disk and clock. */
final class SimulatedBroker {
    static final BrokerSettings SETTINGS = BrokerSettings.defaults(Path.of("simulated"))
            .with(new BrokerSettings.Store(BrokerSettings.Flush.SYNC, 100, 1 << 20, 1 << 20, 1, 300, 1 << 20, 1 << 20))
            .with(new BrokerSettings.Redelivery(4, "DLQ", 0, 2, 60_000));

    final SimulatedLoop loop;
    final ShardRuntime runtime;
    final Shard shard;
    private final ClientRequests requests;
    RuntimeException failure;

    /** A log of small segments, so that little makes it long, with salts from a seed. */
    record SmallLog(long segmentBytes, Random salts) implements LogOpening {
        @Override
        public CommitLogSettings sizes(CommitLogSettings chosen) {
            int segment = (int) segmentBytes;
            return new CommitLogSettings(
                    segment, segment, segment / 4, segment / 2, segment / 4, segment / 16, segment / 2, 8);
        }

        @Override
        public CommitLog open(
                Disk disk,
                CommitLogSettings sizes,
                Clock clock,
                SegmentHead head,
                java.util.concurrent.Executor background) {
            return new CommitLog(disk, DataDirectory.COMMIT_LOG, sizes, clock, head, background, salts::nextLong);
        }
    }

    SimulatedBroker(Disk disk, SimulatedClock clock, boolean flushBeside, BrokerSettings settings) {
        this(disk, clock, flushBeside, false, settings, LogOpening.USUAL);
    }

    /** @param prepareBeside whether space is prepared in a task of its own, between others */
    SimulatedBroker(
            Disk disk,
            SimulatedClock clock,
            boolean flushBeside,
            boolean prepareBeside,
            BrokerSettings settings,
            LogOpening logs) {
        loop = new SimulatedLoop(clock);
        Flusher flusher = flushBeside ? Flusher.beside(loop::execute, loop) : Flusher.inline();
        runtime = new ShardRuntime(
                settings,
                disk,
                new Catalog(disk, "catalog"),
                clock,
                loop,
                flusher,
                prepareBeside ? loop::execute : Runnable::run,
                loop::execute,
                cause -> failure = cause,
                logs);
        shard = runtime.shard();
        requests = new ClientRequests(shard, command -> null);
    }

    static SimulatedBroker on(Disk disk, SimulatedClock clock) {
        return new SimulatedBroker(disk, clock, false, SETTINGS);
    }

    SimulatedClient connect() {
        return connect("");
    }

    SimulatedClient connect(String clientId) {
        return new SimulatedClient(shard, requests, "", clientId);
    }

    /** Another connection of the same client. */
    SimulatedClient connectAgain(SimulatedClient earlier) {
        return new SimulatedClient(shard, requests, earlier.identity(), "", "");
    }

    SimulatedClient connectAs(String user) {
        return new SimulatedClient(shard, requests, user, "");
    }

    /** Has a frame handled as far as its turn goes; whether it is done. */
    boolean handle(SimulatedClient client, FrameType type, ByteBuffer frame, Turn turn) {
        return requests.handle(client.connection, type, frame, FrameType.HEADER_BYTES, frame.limit(), turn);
    }

    void run() {
        loop.runAll();
        if (failure != null) throw failure;
    }

    void advance(long millis) {
        loop.advance(millis);
        run();
    }

    /** Orderly stop; the disk can be used again. Returns whether everything was kept. */
    boolean stop() {
        run();
        shard.quiesce();
        loop.runAll();
        boolean kept = runtime.stop();
        runtime.close();
        return kept;
    }
}
