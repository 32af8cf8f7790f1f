package org.larchmq.bench.rig;

import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.larchmq.bench.rig.RecordedSession.Sending;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "disk-full",
        description =
                "Fill a small disk until sends are refused, drain, see sending resume by itself, restart on the full disk.")
final class DiskFull extends Rig {
    private static final String QUEUE = "queue:fill";
    private static final Duration FILL_LIMIT = Duration.ofMinutes(3);
    private static final Duration RESUME_LIMIT = Duration.ofSeconds(60);
    private static final long MB = 1 << 20;

    enum FileSystem {
        ext4,
        tmpfs
    }

    @Option(names = "--cycles", defaultValue = "5", description = "fill and drain this often")
    private int cycles;

    @Option(names = "--disk", defaultValue = "60", description = "MB of the disk")
    private int diskMegabytes;

    @Option(names = "--fs", defaultValue = "ext4", description = "${COMPLETION-CANDIDATES}")
    private FileSystem fileSystem;

    @Option(names = "--size", defaultValue = "4096", description = "bytes of a body")
    private int sizeBytes;

    private BrokerProcess.Spec spec;
    private BrokerProcess broker;
    private Client client;
    private HistoryWriter history;

    @Override
    void checkMachine() throws InterruptedException {
        LoopDisk.checkMachine("mkfs.ext4", "losetup");
    }

    @Override
    void run() throws Exception {
        if (quiet.equals(Duration.ofSeconds(10))) quiet = Duration.ofSeconds(3);
        Path mount = work.resolve("disk");
        Files.createDirectories(mount);
        atEnd(() -> LoopDisk.unmount(mount));
        mountDisk(mount);
        history = openHistory("disk-full");
        spec = broker(mount.resolve("data"));
        broker = startBroker(spec);
        client = new Client(jndiFactory, spec.url(), history);
        for (int cycle = 1; cycle <= cycles; cycle++) cycle(cycle, mount);
        broker.stop(STOP_LIMIT);
        conclude(cycles + " full disks", judge(history));
    }

    private void mountDisk(Path mount) throws Exception {
        if (fileSystem == FileSystem.tmpfs) {
            Shell.mustRun("mount", "-t", "tmpfs", "-o", "size=" + diskMegabytes + "m", "none", mount.toString());
            return;
        }
        Path image = work.resolve("disk.img");
        LoopDisk.format(image, diskMegabytes * MB, "mkfs.ext4", "-q", "-F", "-m", "0");
        LoopDisk.mount(image, mount);
    }

    private void cycle(int cycle, Path mount) throws Exception {
        int accepted = fill();
        long usableKb = Files.getFileStore(mount).getUsableSpace() >> 10;
        String restart = restartOnTheFullDisk(cycle);
        var sender = new PersistentSender();
        sender.start();
        Drain.Result drained = Drain.run(client, List.of(QUEUE, MixedLoad.DLQ), quiet);
        long drainedNanos = System.nanoTime();
        double resumedSeconds = sender.awaitAccepted(drainedNanos);
        Drain.run(client, List.of(QUEUE, MixedLoad.DLQ), quiet);
        say(
                "cycle %d   accepted %,d until refused (%,d kB left)   %s   drained %,d   sending resumed %s",
                cycle,
                accepted,
                usableKb,
                restart,
                drained.total(),
                resumedSeconds <= 0 ? "while draining" : "%.1f s after".formatted(resumedSeconds));
    }

    /** Returns how many were accepted before the first refusal. */
    private int fill() throws JMSException {
        RecordedSession session = client.open("filler", AckMode.AUTO, e -> {});
        long until = System.nanoTime() + FILL_LIMIT.toNanos();
        int accepted = 0;
        try {
            while (System.nanoTime() < until) {
                session.send(QUEUE, Sending.ordinary(sizeBytes));
                accepted++;
            }
        } catch (ResourceAllocationException e) {
            if (accepted == 0 || e.getErrorCode() == null)
                say("refused with: %s (%s)", e.getMessage(), e.getErrorCode());
            session.close();
            return accepted;
        } catch (JMSException e) {
            session.lost(e.toString());
            throw new RigException(
                    "a full disk was answered with %s, not with ResourceAllocationException".formatted(e), e);
        }
        session.close();
        throw new RigException("%,d messages of %d bytes were accepted on a disk of %d MB"
                .formatted(accepted, sizeBytes, diskMegabytes));
    }

    private String restartOnTheFullDisk(int cycle) throws InterruptedException {
        if (cycle % 3 == 1) return "no restart";
        boolean kill = cycle % 3 == 2;
        if (kill) {
            history.write(HistoryRecord.of(Op.BROKER_KILL, Phase.INFO)
                    .note("full disk")
                    .build());
            broker.kill();
        } else {
            broker.stop(STOP_LIMIT);
        }
        broker = startBroker(spec);
        history.write(HistoryRecord.of(Op.BROKER_START, Phase.OK).build());
        return "%s and restarted in %.1f s".formatted(kill ? "killed" : "stopped", broker.secondsToReady());
    }

    /** Sends until it is accepted again, as an application would; then stops. */
    private final class PersistentSender extends Worker {
        private final AtomicInteger accepted = new AtomicInteger();
        private volatile long firstAcceptedNanos;

        PersistentSender() {
            super(DiskFull.this.client, "persistent");
        }

        @Override
        RecordedSession connect() throws JMSException {
            return client.open(proc, AckMode.AUTO, this::connectionBroken);
        }

        @Override
        void step(RecordedSession session) throws JMSException, InterruptedException {
            if (accepted.get() >= 20) {
                Thread.sleep(20);
                return;
            }
            try {
                session.send(QUEUE, Sending.ordinary(sizeBytes));
                if (accepted.incrementAndGet() == 1) firstAcceptedNanos = System.nanoTime();
            } catch (ResourceAllocationException e) {
                Thread.sleep(100); // refused and written down as such; the next attempt is a new message
            }
        }

        double awaitAccepted(long sinceNanos) throws InterruptedException {
            long until = System.nanoTime() + RESUME_LIMIT.toNanos();
            while (accepted.get() < 20 && System.nanoTime() < until) Thread.sleep(20);
            stop();
            join(RESUME_LIMIT.toMillis());
            if (accepted.get() == 0) {
                failed("sending did not resume within %d s of an empty queue", RESUME_LIMIT.toSeconds());
                return Double.NaN;
            }
            return (firstAcceptedNanos - sinceNanos) / 1e9;
        }
    }
}
