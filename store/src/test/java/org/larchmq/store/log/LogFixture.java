package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.Randomness;
import org.larchmq.store.io.SimulatedClock;

/** Opens small logs and speaks in numbered messages. */
final class LogFixture {
    static final CommitLogSettings SMALL = settings(4096);
    static final byte MESSAGE = 1;
    /** The same for every segment, which shows nothing but a format. */
    static final Randomness SALTS = () -> 0x5A17_5A17_5A17_5A17L;

    private LogFixture() {}

    static CommitLogSettings settings(int segmentBytes) {
        return new CommitLogSettings(segmentBytes, 8192, segmentBytes / 4, 0, 1024, 512, 1024, 4);
    }

    record Seen(long physicalOffset, int sizeBytes, byte type, long number) {}

    static CommitLog create(Disk disk) {
        return create(disk, SMALL, SegmentHead.NONE);
    }

    static CommitLog create(Disk disk, CommitLogSettings settings, SegmentHead head) {
        return new CommitLog(disk, "commitlog", settings, new SimulatedClock(), head, Runnable::run, SALTS);
    }

    static CommitLog open(Disk disk) {
        CommitLog log = create(disk);
        log.recover(0, (offset, size, type, epoch, millis, payload) -> {});
        return log;
    }

    /** Recovers from an offset and returns the numbers of the messages, in order. */
    static List<Long> recover(CommitLog log, long from) {
        return recoverSeen(log, from).stream().map(Seen::number).toList();
    }

    static List<Seen> recoverSeen(CommitLog log, long from) {
        List<Seen> seen = new ArrayList<>();
        log.recover(
                from,
                (offset, size, type, epoch, millis, payload) ->
                        seen.add(new Seen(offset, size, type, payload.getLong())));
        return seen;
    }

    static long append(CommitLog log, long number, int payloadBytes) {
        ByteBuffer payload = log.begin(MESSAGE, payloadBytes, number);
        payload.putLong(number);
        while (payload.hasRemaining()) payload.put((byte) number);
        return log.end();
    }

    static void flush(CommitLog log) {
        log.write();
        log.force();
    }

    /** Appends and flushes one by one. */
    static List<Long> appendFlushed(CommitLog log, int from, int to) {
        List<Long> offsets = new ArrayList<>();
        for (int i = from; i < to; i++) {
            offsets.add(append(log, i, 100));
            flush(log);
        }
        return offsets;
    }
}
