package org.larchmq.checker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {
    @TempDir
    Path dir;

    private static List<HistoryRecord> read(Path... files) {
        List<HistoryRecord> records = new ArrayList<>();
        HistoryReader.of(files).forEach(records::add);
        return records;
    }

    @Test
    void whatIsWrittenIsReadBack() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        List<HistoryRecord> written = new ArrayList<>();
        Path file = dir.resolve("h.jsonl");
        try (var writer = new HistoryWriter(file)) {
            for (int i = 0; i < 2000; i++) {
                HistoryRecord record = randomRecord(random);
                written.add(record);
                writer.write(record);
            }
        }
        assertThat(read(file)).as("seed " + seed).isEqualTo(written);
    }

    private static HistoryRecord randomRecord(Random random) {
        Op op = Op.values()[random.nextInt(Op.values().length)];
        var r = HistoryRecord.of(op, Phase.values()[random.nextInt(4)])
                .at(random.nextLong(), random.nextLong())
                .session("s" + random.nextInt(5))
                .tx("t" + random.nextInt(50));
        if (random.nextBoolean()) r.dest("queue:wärme \"q\" \\ \n" + random.nextInt(3));
        if (random.nextBoolean())
            r.proc("p").sub("sub").mode(Mode.NON_PERSISTENT).priority(random.nextInt(10));
        if (random.nextBoolean())
            r.ttlMillis(random.nextInt(9)).delayMillis(7).group("g").redelivered(true);
        if (random.nextBoolean())
            r.deliveryCount(3).bodyCrc(random.nextInt() & 0xffffffffL).jmsId("ID:1-2");
        if (random.nextBoolean())
            r.expirationMillis(5).deliveryTimeMillis(6).ackMode(AckMode.DUPS_OK).window(9);
        if (random.nextBoolean())
            r.durable(true).selector("a = 'b'").file("/x/y").note("\u0001 and \u20ac");
        if (random.nextBoolean()) r.offset(random.nextInt(100));
        boolean ownSession = random.nextBoolean();
        r.mid(new Mid("p", ownSession ? "s1" : "other", "queue:" + random.nextInt(3), random.nextInt(1000)));
        return r.build();
    }

    @Test
    void everyRecordIsInTheFileWhenWriteReturns() {
        Path file = dir.resolve("h.jsonl");
        try (var writer = new HistoryWriter(file)) {
            for (int i = 1; i <= 3; i++) {
                writer.write(HistoryRecord.of(Op.BROKER_KILL, Phase.INFO).build());
                assertThat(read(file)).hasSize(i);
            }
        }
    }

    @Test
    void aTornLastLineIsLeftOut() throws IOException {
        Path file = dir.resolve("h.jsonl");
        try (var writer = new HistoryWriter(file)) {
            for (int i = 0; i < 3; i++)
                writer.write(HistoryRecord.of(Op.DRAINED, Phase.OK).build());
        }
        byte[] whole = Files.readAllBytes(file);
        int lastLine = new String(whole, 0, whole.length - 1, StandardCharsets.US_ASCII).lastIndexOf('\n') + 1;
        for (int length = lastLine; length < whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertThat(read(file)).as("cut at " + length).hasSize(2);
        }
    }

    @Test
    void aBadLineElsewhereIsAnErrorThatNamesIt() throws IOException {
        Path file = dir.resolve("h.jsonl");
        try (var writer = new HistoryWriter(file)) {
            writer.write(HistoryRecord.of(Op.DRAINED, Phase.OK).build());
        }
        Files.writeString(file, "{\"t\":1,\"op\":\"nonsense\"}\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> read(file)).hasMessageContaining("h.jsonl:2").hasMessageContaining("nonsense");
    }

    @Test
    void severalFilesAreMergedByTime() {
        for (int f = 0; f < 3; f++) {
            try (var writer = new HistoryWriter(dir.resolve("h" + f))) {
                for (int i = 0; i < 100; i++)
                    writer.write(HistoryRecord.of(Op.BROKER_START, Phase.OK)
                            .at(3L * i + f, 0)
                            .build());
            }
        }
        List<HistoryRecord> merged = read(dir.resolve("h0"), dir.resolve("h1"), dir.resolve("h2"));
        assertThat(merged).hasSize(300).extracting(HistoryRecord::tMonoNanos).isSorted();
    }
}
