package org.larchmq.store.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.Checker;
import org.larchmq.checker.CheckerSettings;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.Mid;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import org.larchmq.checker.Verdict;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.DiskWrapper;
import org.larchmq.store.io.PowerLoss;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.log.LogRepair;
import org.larchmq.store.log.MutantLogs;
import org.larchmq.store.log.SegmentHead;
import org.larchmq.store.queue.ConsumeQueueStore;

/** One seed: a broker lives through several crashes on one disk, is drained, and its history is judged. */
final class CrashRun {
    static final CommitLogSettings SETTINGS = new CommitLogSettings(4096, 8192, 1024, 0, 1024, 256, 1024, 4);
    private static final int QUEUES = 3;

    /** Faults planted to show that the checker sees them. */
    enum Mutant {
        NONE,
        DISK_LIES,
        NO_CHECKSUM,
        STOP_AT_FIRST_BAD,
        CONFIRM_BEFORE_COMMIT,
        SWALLOWED_FLUSH_ERROR,
        PAGE_FAILURE_AFTER_APPEND
    }

    private final Random random;
    private final Mutant mutant;
    private final boolean flips;
    private final Faults faults;
    private final SimulatedClock clock = new SimulatedClock();
    private final List<HistoryRecord> history = new ArrayList<>();
    private final Map<Mid, long[]> places = new HashMap<>(); // of confirmed sends: physicalOffset, size
    private final Map<Mid, HistoryRecord.Builder> openSends = new LinkedHashMap<>();
    private final List<MiniBroker.Delivered> held = new ArrayList<>();
    private final long[] nextSeq = new long[QUEUES];
    private SimulatedDisk disk;
    private MiniBroker broker;
    private String session;
    private long millis;
    private int sessions;
    private long crashes;
    private long provenFlushed;
    private final int bulkPercent; // of the steps fill more than a page of a queue
    private long faultsMet;
    private boolean started;

    /** When the disk of a life fails; the lives are numbered from 0. */
    interface Faults {
        Faults NONE = (life, random, disk) -> {};

        /** Full disks, failed writes and failed flushes, at any change or at none. */
        Faults ANYWHERE = (life, random, disk) -> {
            if (random.nextInt(3) > 0) {
                var fault = random.nextBoolean() ? SimulatedDisk.Fault.FULL : SimulatedDisk.Fault.BROKEN;
                disk.failAtChange(1 + random.nextInt(150), fault);
            }
        };

        void plant(long life, Random random, SimulatedDisk disk);
    }

    CrashRun(long seed, Mutant mutant, boolean flips, Faults faults) {
        this.faults = faults;
        this.bulkPercent = seed % 20 == 0 || mutant == Mutant.PAGE_FAILURE_AFTER_APPEND ? 6 : 0;
        this.random = new Random(seed);
        this.mutant = mutant;
        this.flips = flips;
        this.disk = new SimulatedDisk(seed);
    }

    long crashes() {
        return crashes;
    }

    /** Lives through the crashes and judges. */
    Verdict run(int crashCount) {
        while (crashes < crashCount) {
            try {
                if (mutant == Mutant.DISK_LIES) disk.lying();
                disk.losePowerAtWrite(1 + random.nextInt(random.nextInt(4) == 0 ? 20 : 150));
                faults.plant(crashes, random, disk);
                start();
                int steps = 10 + random.nextInt(60);
                for (int i = 0; i < steps; i++) step();
                stop();
            } catch (PowerLoss e) {
                crashed();
            } catch (StoreException e) {
                if (disk.faultsMet() == 0) throw e;
                failed(e);
            }
        }
        start();
        drain();
        record(Op.DRAINED, Phase.OK);
        return Checker.check(history, CheckerSettings.defaults());
    }

    /** Ends a life that met a failing disk. */
    private void failed(StoreException e) {
        if (!started) {
            assertThat(e.error().isPassing())
                    .as("a full disk keeps the broker from starting: %s", e)
                    .isFalse();
        }
        boolean ofTheLog =
                started && e.error() == StoreError.FLUSH_FAILED && e.file().contains("commitlog/");
        if (ofTheLog && mutant == Mutant.NONE) {
            long confirmed = broker.log.flushedOffset();
            assertThatThrownBy(broker.log::force).isInstanceOf(StoreException.class);
            assertThatThrownBy(broker.log::write).isInstanceOf(StoreException.class);
            assertThat(broker.log.flushedOffset()).isEqualTo(confirmed);
        }
        crashed();
    }

    long faultsMet() {
        return faultsMet;
    }

    private void start() {
        started = false;
        try {
            broker = new MiniBroker(this::openLog, new ConsumeQueueStore(queueDisk(), "queues", 16, 4), catalog());
        } catch (StoreException e) {
            if (e.error() != StoreError.DAMAGED_LOG || !flips) throw e;
            repair(e);
            broker = new MiniBroker(this::openLog, new ConsumeQueueStore(disk, "queues", 16, 4), catalog());
        }
        started = true;
        record(Op.BROKER_START, Phase.OK);
        session = "s" + sessions++;
        add(of(Op.OPEN, Phase.OK).ackMode(AckMode.CLIENT));
        for (int q = 0; q < QUEUES; q++) add(of(Op.SUBSCRIBE, Phase.OK).dest(dest(q)));
    }

    private Catalog catalog() {
        return new Catalog(disk, "catalog");
    }

    private CommitLog openLog(SegmentHead head) {
        if (mutant == Mutant.NO_CHECKSUM) return MutantLogs.withoutChecksum(disk, SETTINGS, clock, head);
        Disk used = mutant == Mutant.SWALLOWED_FLUSH_ERROR ? new DiskWrapper(disk, Swallowing::new) : disk;
        return new CommitLog(used, "commitlog", SETTINGS, clock, head, Runnable::run, random::nextLong);
    }

    private Disk queueDisk() {
        return mutant == Mutant.PAGE_FAILURE_AFTER_APPEND ? new DiskWrapper(disk, Refusing::new) : disk;
    }

    /** A file whose failed flushes nobody hears of. */
    private static final class Swallowing extends DiskWrapper.File {
        Swallowing(DiskFile file) {
            super(file);
        }

        @Override
        public void force(boolean metadata) {
            try {
                super.force(metadata);
            } catch (StoreException swallowed) {
                // that is the mutant
            }
        }
    }

    private static final class PageRefused extends IllegalStateException {}

    /** A page file that has whoever adds a row meet the full disk. */
    private static final class Refusing extends DiskWrapper.File {
        Refusing(DiskFile file) {
            super(file);
        }

        @Override
        public void write(ByteBuffer source, long position) {
            try {
                super.write(source, position);
            } catch (StoreException e) {
                if (e.error().isPassing()) throw new PageRefused();
                throw e;
            }
        }
    }

    private void step() {
        int dice = random.nextInt(100);
        if (dice < bulkPercent) for (int i = 0, q = random.nextInt(QUEUES); i < 250; i++) send(q, 8);
        else if (dice < 35) send();
        else if (dice < 55) commit();
        else if (dice < 62) broker.log.write();
        else if (dice < 82) deliver(random.nextInt(QUEUES));
        else if (dice < 88) acknowledge();
        else if (dice < 94) broker.log.markFlushed();
        else if (mutant != Mutant.DISK_LIES) broker.checkpoint();
    }

    private void send() {
        send(random.nextInt(QUEUES), 8 + random.nextInt(random.nextInt(10) == 0 ? 800 : 200));
    }

    private void send(int q, int bodyBytes) {
        Mid mid = new Mid("p", "ps", dest(q), nextSeq[q]++);
        byte[] body = new byte[bodyBytes];
        random.nextBytes(body);
        add(of(Op.SEND, Phase.INVOKE).proc("p").session("ps").mid(mid).bodyCrc(crc(body)));
        openSends.put(mid, null);
        if (!isTaken(q, mid, body)) {
            add(of(Op.SEND, Phase.FAIL).proc("p").session("ps").mid(mid));
            openSends.remove(mid);
            return;
        }
        places.put(mid, new long[] {broker.log.endOffset(), broker.log.lastEntrySizeBytes()});
        if (mutant == Mutant.CONFIRM_BEFORE_COMMIT) confirm();
    }

    /** Sends; false when the broker refuses for want of room. */
    private boolean isTaken(int q, Mid mid, byte[] body) {
        try {
            broker.send(q, mid.seq(), body);
            return true;
        } catch (PageRefused e) {
            return false;
        } catch (StoreException e) {
            if (!e.error().isPassing()) throw e;
            return false;
        }
    }

    private void commit() {
        long flushedBefore = broker.log.flushedOffset();
        boolean provesIt = broker.log.endOffset() > flushedBefore;
        broker.flush();
        if (provesIt) provenFlushed = flushedBefore; // entries that are durable now say so
        confirm();
    }

    private void confirm() {
        for (Mid mid : openSends.keySet())
            add(of(Op.SEND, Phase.OK).session("ps").mid(mid));
        openSends.clear();
    }

    private boolean deliver(int q) {
        var delivered = deliverOrReport(q);
        if (delivered.isEmpty()) return false;
        var message = delivered.get();
        Mid mid = new Mid("p", "ps", dest(q), message.seq());
        boolean again = message.redelivered();
        add(of(Op.DELIVER, Phase.OK)
                .mid(mid)
                .bodyCrc(crc(message.body()))
                .redelivered(again)
                .deliveryCount(again ? 2 : 1));
        held.add(message);
        return true;
    }

    /** Session by session, as CLIENT_ACKNOWLEDGE does it: everything delivered. */
    private void acknowledge() {
        if (held.isEmpty()) return;
        add(of(Op.ACK, Phase.INVOKE));
        for (var message : held) broker.acknowledge(message.queueId(), message.queueOffset());
        commit();
        add(of(Op.ACK, Phase.OK));
        held.clear();
    }

    private java.util.Optional<MiniBroker.Delivered> deliverOrReport(int q) {
        try {
            return broker.deliver(q);
        } catch (StoreException e) {
            if (e.error().isPassing()) return java.util.Optional.empty();
            if (!flips || e.error() != StoreError.DAMAGED_ENTRY) throw e;
            reportRange(e.file(), e.offset(), baseOf(e.file()) + e.offset(), 8);
            broker.skip(q);
            return java.util.Optional.empty();
        }
    }

    private static long baseOf(String file) {
        return Long.parseLong(file.substring(file.length() - 24, file.length() - 4));
    }

    private void reportRange(String file, long filePosition, long from, long bytes) {
        for (Map.Entry<Mid, long[]> place : places.entrySet()) {
            long start = place.getValue()[0] - ((place.getValue()[1] + 7) & -8);
            boolean inside = start >= from && start < from + bytes;
            if (inside)
                add(of(Op.DAMAGE_REPORT, Phase.OK)
                        .file(file)
                        .offset(filePosition)
                        .mid(place.getKey()));
        }
    }

    private void stop() {
        if (random.nextInt(3) == 0) {
            commit();
            add(of(Op.LOST, Phase.OK));
            held.clear();
            broker.log.close();
            disk = random.nextBoolean() ? disk.afterPowerLoss() : disk.afterProcessDeath();
            maybeFlip();
            return;
        }
        crashed();
    }

    private void crashed() {
        crashes++;
        faultsMet += disk.faultsMet();
        record(Op.BROKER_KILL, Phase.OK);
        for (Mid mid : openSends.keySet())
            add(of(Op.SEND, Phase.INFO).session("ps").mid(mid));
        places.keySet().removeAll(openSends.keySet()); // something else may stand there soon
        openSends.clear();
        if (session != null) add(of(Op.LOST, Phase.OK));
        held.clear();
        disk = random.nextInt(4) == 0 ? disk.afterProcessDeath() : disk.afterPowerLoss();
        maybeFlip();
    }

    /** Flips a bit in a confirmed message that is still in the log and not in the last flushed batch. */
    private void maybeFlip() {
        if (!flips || places.isEmpty() || random.nextInt(3) != 0) return;
        List<Mid> confirmed = new ArrayList<>(places.keySet());
        confirmed.sort((a, b) -> a.toString().compareTo(b.toString()));
        long[] place = places.get(confirmed.get(random.nextInt(confirmed.size())));
        long start = place[0] - ((place[1] + 7) & -8);
        String file = "commitlog/%020d.log".formatted(start / 4096 * 4096);
        boolean lastBatch = place[0] > provenFlushed; // there damage cannot be told from a torn tail
        if (lastBatch || !disk.exists(file)) return;
        record(Op.DAMAGE, Phase.OK);
        disk.flipBit(file, (start % 4096 + 40) * 8 + random.nextInt((int) (place[1] - 40) * 8));
    }

    private void repair(StoreException damage) {
        if (mutant == Mutant.STOP_AT_FIRST_BAD) {
            MutantLogs.stopAtFirstBad(disk, SETTINGS);
            for (String name : disk.list("catalog")) disk.delete("catalog/" + name);
            disk.delete("commitlog/closed");
            return;
        }
        LogRepair.repair(
                disk,
                "commitlog",
                SETTINGS,
                0,
                lost -> reportRange(lost.file(), lost.filePosition(), lost.physicalOffset(), lost.bytes()));
    }

    private void drain() {
        commit();
        for (int q = 0; q < QUEUES; q++) {
            while (broker.hasNext(q)) deliver(q);
        }
        acknowledge();
    }

    private HistoryRecord.Builder of(Op op, Phase phase) {
        millis++;
        return HistoryRecord.of(op, phase)
                .at(millis * 1_000_000, millis)
                .proc("c")
                .session(session);
    }

    private void record(Op op, Phase phase) {
        millis++;
        history.add(HistoryRecord.of(op, phase).at(millis * 1_000_000, millis).build());
    }

    private void add(HistoryRecord.Builder record) {
        history.add(record.build());
    }

    private static String dest(int q) {
        return "queue:q" + q;
    }

    private static long crc(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body, 0, body.length);
        return crc.getValue();
    }
}
