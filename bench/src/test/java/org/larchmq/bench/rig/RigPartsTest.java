package org.larchmq.bench.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.bench.rig.SyscallSweep.Fault;
import org.larchmq.checker.Mid;

class RigPartsTest {
    @TempDir
    Path dir;

    // Body

    @Test
    void aBodyKnowsWhoseItIs() {
        var mid = new Mid("p1", "p1.7", "queue:wärme", 42);
        assertThat(Body.read(Body.of(mid, 500))).contains(mid);
        assertThat(Body.of(mid, 500)).hasSize(500);
        assertThat(Body.read(Body.of(mid, 1))).contains(mid);
    }

    @Test
    void noFlippedBitInABodyGoesUnnoticed() {
        byte[] body = Body.of(new Mid("p", "s", "queue:q", 1), 200);
        for (int bit = 0; bit < body.length * 8; bit++) {
            body[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(Body.read(body)).as("bit " + bit).isEmpty();
            body[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(Body.read(new byte[3])).isEmpty();
    }

    // Flips

    @Test
    void flipsCoverEveryKindOfFileAndComeFromTheSeed() throws IOException {
        Files.createDirectories(dir.resolve("commitlog"));
        byte[] segment = new byte[100_000];
        segment[999] = 1;
        Files.write(dir.resolve("commitlog/00000000000000000000.log"), segment);
        Files.write(dir.resolve("commitlog/00000000000001000000.log"), segment);
        Files.write(dir.resolve("anchor"), new byte[10]);
        Files.write(dir.resolve("lock"), new byte[0]);
        List<FlipPlan.Flip> plan = FlipPlan.of(dir, 200, new Random(5));
        assertThat(plan).hasSize(200).isEqualTo(FlipPlan.of(dir, 200, new Random(5)));
        assertThat(plan.stream().map(FlipPlan.Flip::kind).distinct())
                .containsExactlyInAnyOrder("commitlog/*.log", "anchor");
        long inUsedPart = plan.stream()
                .filter(f -> f.kind().startsWith("commitlog") && f.offset() < 1000)
                .count();
        assertThat(inUsedPart).isBetween(70L, 100L);
    }

    @Test
    void aFlipChangesOneBit() throws IOException {
        Files.write(dir.resolve("f"), new byte[] {1, 2, 3});
        new FlipPlan.Flip("f", Path.of("f"), 1, 0).apply(dir);
        assertThat(Files.readAllBytes(dir.resolve("f"))).containsExactly(1, 3, 3);
    }

    @Test
    void theUsedPartEndsAtTheLastByteThatIsNotZero() throws IOException {
        byte[] bytes = new byte[200_000];
        assertThat(FlipPlan.usedBytes(Files.write(dir.resolve("f"), bytes))).isZero();
        bytes[70_000] = 1;
        assertThat(FlipPlan.usedBytes(Files.write(dir.resolve("f"), bytes))).isEqualTo(70_001);
        bytes[199_999] = 1;
        assertThat(FlipPlan.usedBytes(Files.write(dir.resolve("f"), bytes))).isEqualTo(200_000);
    }

    @Test
    void aReportNamesFileAndOffset() {
        List<DamageReports.Report> reports = DamageReports.in(List.of(
                "LarchMQ ready on tcp://127.0.0.1:5680",
                "CORRUPT_ENTRY: the checksum differs [file=/data/commitlog/0000.log offset=77]. Remedy: …",
                "damaged file: catalog/0001.catalog, offset: 12, rebuilt",
                "offset 5 without a name"));
        assertThat(reports)
                .extracting(DamageReports.Report::file)
                .containsExactly("/data/commitlog/0000.log", "catalog/0001.catalog");
        assertThat(reports).extracting(DamageReports.Report::offset).containsExactly(77L, 12L);
    }

    // System calls

    @Test
    void callsAreCountedPerThread() {
        Map<String, Map<String, Long>> counts = new HashMap<>();
        for (String line : List.of(
                "101   fdatasync(5) = 0",
                "101   fdatasync(5 <unfinished ...>",
                "101   <... fdatasync resumed>) = 0",
                "102   pwrite64(7, \"x\", 1, 0) = 1",
                "102   +++ exited with 0 +++")) SyscallSweep.countCall(line, counts);
        assertThat(counts.get("fdatasync")).isEqualTo(Map.of("101", 2L));
        assertThat(counts.get("pwrite64")).isEqualTo(Map.of("102", 1L));
    }

    @Test
    void crashPointsAreSpreadOverTheRunAndOverTheFaults() {
        List<SyscallSweep.Point> plan = SyscallSweep.plan(100, Map.of("fdatasync", 900L, "pwrite64", 450L));
        assertThat(plan).hasSize(100).doesNotHaveDuplicates();
        Set<Fault> faults = new HashSet<>();
        plan.forEach(p -> faults.add(p.fault()));
        assertThat(faults).isEqualTo(EnumSet.allOf(Fault.class));
        List<Long> flushes = plan.stream()
                .filter(p -> p.fault() == Fault.KILL_AT_FLUSH)
                .map(SyscallSweep.Point::k)
                .toList();
        assertThat(flushes).isSorted().startsWith(1L).allMatch(k -> k <= 900);
        assertThat(flushes.get(flushes.size() - 1)).isGreaterThan(850);
        assertThat(plan.get(0).fault().inject(7)).isEqualTo("inject=fdatasync:signal=SIGKILL:when=7");
    }
}
