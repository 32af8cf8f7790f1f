package org.larchmq.bench.rig;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.larchmq.checker.Checker;
import org.larchmq.checker.HistoryReader;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The data directory is on ext4 in a file on XFS. Under load, {@code cp --reflink} takes copies of that file in no time:
 * each is the disk as a power failure would have left it, what the kernel had not written missing.
 */
@Command(
        name = "power-cut",
        description = "Images of a live broker's disk, as a power failure would leave it; start on each; check.")
final class PowerCut extends Rig {
    private static final long MB = 1 << 20;

    record Image(int number, Path file, long fromNanos, long toNanos) {}

    @Option(names = "--images", defaultValue = "100", description = "images to take and verify")
    private int images;

    @Option(names = "--rate", defaultValue = "100", description = "messages/s of each of 8 producers")
    private int rate;

    @Option(names = "--disk", defaultValue = "1024", description = "MB of the broker's disk")
    private int diskMegabytes;

    @Option(names = "--pause", defaultValue = "1200", description = "longest pause between two images in ms")
    private int pauseMillis;

    @Override
    void checkMachine() throws InterruptedException {
        LoopDisk.checkMachine("mkfs.xfs", "mkfs.ext4", "losetup");
    }

    @Override
    void run() throws Exception {
        Path xfs = work.resolve("xfs");
        LoopDisk.format(work.resolve("xfs.img"), 20L * diskMegabytes * MB, "mkfs.xfs", "-q", "-f", "-m", "reflink=1");
        atEnd(() -> LoopDisk.unmount(xfs));
        LoopDisk.mount(work.resolve("xfs.img"), xfs);
        Path disk = xfs.resolve("disk.img");
        LoopDisk.format(disk, diskMegabytes * MB, "mkfs.ext4", "-q", "-F");
        Path liveMount = work.resolve("live");
        atEnd(() -> LoopDisk.unmount(liveMount));
        LoopDisk.mount(disk, liveMount);

        HistoryWriter history = openHistory("live");
        List<Image> taken = takeImages(liveMount.resolve("data"), disk, history);
        int bad = 0;
        long confirmed = 0;
        for (Image image : taken) {
            Verdict verdict = verify(image, history);
            confirmed += verdict.counts().confirmed();
            if (!verdict.passed()) bad++;
        }
        say("%d images verified, %,d confirmed sends in them, %d images with violations", taken.size(), confirmed, bad);
    }

    private List<Image> takeImages(Path data, Path disk, HistoryWriter history) throws Exception {
        BrokerProcess.Spec spec = broker(data);
        BrokerProcess live = startBroker(spec);
        var client = new Client(jndiFactory, spec.url(), history);
        var load = new MixedLoad(client, new MixedLoad.Settings(8, rate, 400, false, 0), random.nextLong());
        load.startAndAwait();
        List<Image> taken = new ArrayList<>();
        for (int number = 1; number <= images; number++) {
            if (live.awaitEnd(Duration.ofMillis(50 + random.nextInt(pauseMillis))))
                throw new RigException("the broker ended by itself:\n" + live.lastLines(15));
            Path copy = disk.resolveSibling("image-" + number + ".img");
            long fromNanos = System.nanoTime();
            Shell.mustRun("cp", "--reflink=always", disk.toString(), copy.toString());
            taken.add(new Image(number, copy, fromNanos, System.nanoTime()));
            if (number % 10 == 0) say("%d images taken, history %,d records", number, history.records());
        }
        load.finish(Duration.ofSeconds(2));
        live.stop(STOP_LIMIT);
        conclude("the live broker itself", judge(history));
        return taken;
    }

    private Verdict verify(Image image, HistoryWriter live) throws Exception {
        Path mount = work.resolve("image");
        LoopDisk.mount(image.file, mount);
        Cleanup unmount = () -> LoopDisk.unmount(mount);
        atEnd(unmount);
        HistoryWriter afterwards = openHistory("image-" + image.number);
        BrokerProcess.Spec spec = broker(mount.resolve("data"));
        BrokerProcess broker = startBroker(spec);
        Duration shortQuiet = quiet.equals(Duration.ofSeconds(10)) ? Duration.ofMillis(1500) : quiet;
        Drain.Result drained = Drain.run(new Client(jndiFactory, spec.url(), afterwards), MixedLoad.QUEUES, shortQuiet);
        broker.stop(STOP_LIMIT);
        afterwards.close();
        LoopDisk.unmount(mount);
        var history = new CutHistory(
                HistoryReader.of(live.file()), image.fromNanos, image.toNanos, HistoryReader.of(afterwards.file()));
        Verdict verdict = Checker.check(history, checkerSettings());
        say(
                "image %3d   taken in %4.0f ms   ready in %.2f s   confirmed before %,7d   drained %,6d   %s",
                image.number,
                (image.toNanos - image.fromNanos) / 1e6,
                broker.secondsToReady(),
                verdict.counts().confirmed(),
                drained.total(),
                verdict.passed() ? "ok" : verdict.violationCounts());
        if (!verdict.passed()) conclude("image " + image.number, verdict);
        Files.delete(image.file);
        return verdict;
    }
}
