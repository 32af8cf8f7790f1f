package org.larchmq.broker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.state.Cursor;

class ReturnsInOrderTest {
    private static final long ALL = Long.MAX_VALUE;

    private final RecentReturns recent = new RecentReturns();
    private final Cursor cursor = new Cursor(0);
    private final ReturnsInOrder returns = new ReturnsInOrder();

    /** Hands a message out and gives it back. */
    private void comesBack(long place) {
        if (cursor.isAvailable(place)) cursor.take(place);
        cursor.makeReady(place);
        recent.add(place, returns.done());
    }

    private List<Long> takeAll() {
        List<Long> taken = new ArrayList<>();
        while (!returns.isDone(recent)) {
            returns.advance(recent, cursor, ALL);
            while (!returns.isEmpty()) {
                taken.add(returns.first());
                returns.removeFirst();
            }
        }
        return taken;
    }

    @Test
    void moreThanAreKeptComeInTheOrderOfTheirPlaces() {
        List<Long> places = new ArrayList<>();
        for (long place = 5_000; place > 0; place--) places.add(place);
        java.util.Collections.shuffle(places, new Random(1));
        places.forEach(this::comesBack);
        assertThat(takeAll()).hasSize(5_000).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whatComesBackMeanwhileComesInItsPlace() {
        for (long place = 100; place < 2_100; place++) comesBack(place);
        returns.advance(recent, cursor, ALL);
        returns.removeFirst();
        comesBack(7);
        comesBack(9_000);
        returns.advance(recent, cursor, ALL);
        assertThat(returns.first()).isEqualTo(7);
        assertThat(takeAll()).hasSize(2_001).isSorted();
    }

    @Test
    void oneAtATimeCostsNoLookAtAllTheOthers() {
        int many = 50_000;
        for (long place = many; place > 0; place--) comesBack(place);
        long looks = 0;
        for (long place = 1; place <= many; place++) {
            looks += returns.advance(recent, cursor, ALL);
            assertThat(returns.first()).isEqualTo(place);
            returns.removeFirst();
            cursor.take(place);
            comesBack(many + place); // others come back all the time
            if (place == 1_000) break;
        }
        assertThat(looks).as("returns gone through for 1,000 messages").isLessThan(10L * many);
    }

    /** Of those that are there, the first is always the smallest that was not looked at. */
    @Test
    void anyHistoryAgreesWithASet() {
        for (long seed = 1; seed <= 100; seed++) {
            Random random = new Random(seed);
            RecentReturns ring = new RecentReturns();
            Cursor at = new Cursor(0);
            ReturnsInOrder tried = new ReturnsInOrder();
            TreeSet<Long> expected = new TreeSet<>();
            for (int step = 0; step < 3_000; step++) {
                if (random.nextInt(3) > 0) {
                    long place = random.nextInt(5_000);
                    if (at.isAvailable(place)) at.take(place);
                    at.makeReady(place);
                    ring.add(place, tried.done());
                    expected.add(place);
                } else if (!expected.isEmpty()) {
                    tried.advance(ring, at, ALL);
                    assertThat(tried.first()).as("seed %d step %d", seed, step).isEqualTo(expected.first());
                    at.take(expected.pollFirst());
                    tried.removeFirst();
                }
            }
        }
    }
}
