package org.larchmq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.larchmq.store.catalog.CatalogKey;

/** The heap of delayed messages against a sorted set, through checkpoints and restarts. */
class DelayedMessagesTest {
    private record Key(long due, long offset, boolean isVolatile) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byDue = Long.compare(due, other.due);
            return byDue != 0 ? byDue : Long.compare(sequence(offset), sequence(other.offset));
        }
    }

    private final Map<CatalogKey, byte[]> catalog = new HashMap<>();
    private DelayedMessages messages = new DelayedMessages();
    private final TreeSet<Key> model = new TreeSet<>();
    private long nextOffset;

    private void add(long due, boolean isVolatile) {
        long offset = nextOffset += 8;
        messages.add(
                due,
                offset,
                sequence(offset),
                (int) offset + 1,
                (int) -offset,
                (int) (offset % 7),
                (int) (offset % 10),
                isVolatile);
        model.add(new Key(due, offset, isVolatile));
    }

    /** In another order than the places, as of messages that were moved. */
    private static long sequence(long offset) {
        return offset ^ 0x38;
    }

    private void checkpoint() {
        Map<CatalogKey, byte[]> puts = new HashMap<>();
        Set<CatalogKey> deletes = new HashSet<>();
        messages.records().drain(messages, puts, deletes);
        assertThat(deletes).noneMatch(puts::containsKey);
        catalog.keySet().removeAll(deletes);
        catalog.putAll(puts);
    }

    private void restart() {
        messages = new DelayedMessages();
        messages.records().restore(catalog, messages, id -> true);
    }

    private List<Key> due(long now, int most) {
        List<Key> due = new ArrayList<>();
        messages.due(now, most, at -> {
            long offset = messages.physicalOffset(at);
            assertThat(messages.entryBytes(at)).isEqualTo((int) offset + 1);
            assertThat(messages.tagHash(at)).isEqualTo((int) -offset);
            assertThat(messages.destinationId(at)).isEqualTo((int) (offset % 7));
            assertThat(messages.priority(at)).isEqualTo((int) (offset % 10));
            due.add(new Key(messages.dueMillis(at), offset, messages.isVolatile(at)));
        });
        return due;
    }

    @Test
    void holdsWhatASortedSetHoldsThroughAnyChangesCheckpointsAndRestarts() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            model.clear();
            catalog.clear();
            restart();
            for (int step = 0; step < 300; step++) {
                int dice = random.nextInt(100);
                if (dice < 40) {
                    for (int i = random.nextInt(500); i > 0; i--) add(random.nextInt(1_000), random.nextInt(5) == 0);
                } else if (dice < 75) {
                    takeOut(due(random.nextInt(300), 1 + random.nextInt(600)));
                } else if (dice < 80) {
                    messages.removeIf(messages::isVolatile);
                    model.removeIf(Key::isVolatile);
                } else if (dice < 90) {
                    checkpoint();
                } else {
                    checkpoint();
                    restart();
                }
                assertThat(messages.size()).as("seed %d", seed).isEqualTo(model.size());
                assertThat(messages.firstDueMillis()).isEqualTo(model.isEmpty() ? Long.MAX_VALUE : model.first().due);
                assertThat(messages.oldestPhysicalOffset())
                        .isEqualTo(model.stream().mapToLong(Key::offset).min().orElse(Long.MAX_VALUE));
            }
            assertThat(due(Long.MAX_VALUE, Integer.MAX_VALUE))
                    .as("seed %d", seed)
                    .containsExactlyElementsOf(model);
        }
    }

    private void takeOut(List<Key> due) {
        for (Key key : due) {
            assertThat(key).isEqualTo(model.pollFirst());
            assertThat(messages.remove(key.due, key.offset)).isTrue();
            assertThat(messages.remove(key.due, key.offset)).isFalse();
        }
    }

    @Test
    void aCheckpointWritesOnlyWhatChanged() {
        for (int i = 0; i < 100_000; i++) add(i, false);
        checkpoint();
        for (int i = 0; i < 10; i++) add(5_000_000, false);
        takeOut(due(10, 10));
        Map<CatalogKey, byte[]> puts = new HashMap<>();
        messages.records().drain(messages, puts, new HashSet<>());
        assertThat(puts.values().stream().mapToInt(bytes -> bytes.length).sum()).isLessThan(200_000);
    }

    @Test
    void recordsOfFewRemainingMessagesAreDissolved() {
        for (int i = 0; i < 200_000; i++) add(i % 100 == 0 ? Long.MAX_VALUE : i, false);
        checkpoint();
        while (!due(Long.MAX_VALUE - 1, 1).isEmpty()) takeOut(due(Long.MAX_VALUE - 1, 4096));
        checkpoint();
        assertThat(catalog.values().stream().mapToInt(bytes -> bytes.length).sum())
                .isLessThan(2_000 * 40);
        restart();
        assertThat(messages.size()).isEqualTo(2_000);
    }

    @Test
    void messagesOfUnknownDestinationsAreNotRestored() {
        for (int i = 0; i < 70; i++) add(i, false);
        checkpoint();
        messages = new DelayedMessages();
        messages.records().restore(catalog, messages, id -> id != 3);
        assertThat(messages.size()).isEqualTo(60);
        checkpoint();
        restart();
        assertThat(messages.size()).isEqualTo(60);
    }
}
