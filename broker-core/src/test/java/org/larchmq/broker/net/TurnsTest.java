package org.larchmq.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How the shard's loop divides its time among connections, with a clock and a loop that the test moves. */
class TurnsTest {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000 * MICRO;

    private long now = 1;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final ArrayDeque<Runnable> atEnd = new ArrayDeque<>();
    private final Turns turns = new Turns(() -> now, tasks::add, atEnd::add);
    private final List<Peer> peers = new ArrayList<>();
    private final List<String> order = new ArrayList<>();

    /** A connection whose frames cost so much each. */
    private final class Peer {
        private final String name;
        private final long frameNanos;
        private final Turns.Share share = new Turns.Share(this::read);
        private int frames;
        private int done;
        private long askedAt;
        private long longestWait;
        private boolean isPaused;

        Peer(String name, long frameNanos) {
            this.name = name;
            this.frameNanos = frameNanos;
            peers.add(this);
        }

        void sends(int more) {
            if (frames == 0) askedAt = now;
            frames += more;
        }

        void readable() {
            if (frames > 0 && !isPaused) read();
        }

        private void read() {
            isPaused = false;
            long began = turns.nowNanos();
            long until = turns.begin(share, began);
            while (frames > 0) {
                if (turns.nowNanos() >= until) {
                    isPaused = true;
                    turns.waitFor(share);
                    break;
                }
                now += frameNanos;
                frames--;
                done++;
                order.add(name);
                longestWait = Math.max(longestWait, now - askedAt);
            }
            turns.end(share, began, turns.nowNanos());
        }
    }

    /** One turn of the loop: the network, then what waits, then the end. */
    private long turn() {
        long began = now;
        for (Peer peer : peers) peer.readable();
        for (int waiting = tasks.size(); waiting > 0; waiting--) tasks.remove().run();
        while (!atEnd.isEmpty()) atEnd.remove().run();
        now += MICRO; // looking at the network
        return now - began;
    }

    @Test
    void aConnectionThatWantsLittleIsServedWithinATurnHoweverManyWantAll() {
        for (int i = 0; i < 40; i++) new Peer("greedy " + i, 10 * MICRO).sends(1_000_000);
        Peer modest = new Peer("modest", 20 * MICRO);
        modest.sends(1); // it has logged in
        for (int i = 0; i < 200; i++) turn(); // they have spent what they had
        modest.longestWait = 0;
        long longestTurn = 0;
        for (int round = 0; round < 300; round++) {
            if (round % 10 == 0) modest.sends(1);
            longestTurn = Math.max(longestTurn, turn());
            assertThat(modest.frames).as("round " + round).isZero();
        }
        assertThat(longestTurn).isLessThan(2 * MILLI);
        assertThat(modest.longestWait).isLessThan(2 * MILLI);
    }

    @Test
    void thoseThatWantMuchGetEquallyMuch() {
        List<Peer> greedy = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            greedy.add(new Peer("greedy " + i, (1 + i) * 10 * MICRO));
            greedy.get(i).sends(1_000_000);
        }
        for (int i = 0; i < 5_000; i++) turn();
        long least = Long.MAX_VALUE;
        long most = 0;
        for (Peer peer : greedy) {
            least = Math.min(least, peer.done * peer.frameNanos);
            most = Math.max(most, peer.done * peer.frameNanos);
        }
        assertThat(most).isLessThan(2 * least);
    }

    @Test
    void oneThatIsAloneGetsNearlyAllTheTime() {
        Peer alone = new Peer("alone", 10 * MICRO);
        alone.sends(1_000_000);
        long began = now;
        for (int i = 0; i < 1_000; i++) turn();
        assertThat(alone.done * alone.frameNanos).isGreaterThan((now - began) * 95 / 100);
    }

    @Test
    void aFrameThatTakesLongerThanATurnIsHandledAllTheSame() {
        Peer slow = new Peer("slow", 5 * MILLI);
        Peer other = new Peer("other", 5 * MILLI);
        slow.sends(3);
        other.sends(3);
        for (int i = 0; i < 20; i++) turn();
        assertThat(slow.done).isEqualTo(3);
        assertThat(other.done).isEqualTo(3);
        assertThat(order.subList(1, 5)).containsExactly("slow", "other", "slow", "other");
    }

    @Test
    void newConnectionsHaveEarnedNothingYet() {
        long longestTurn = 0;
        for (int i = 0; i < 200; i++) {
            for (int k = 0; k < 20; k++) new Peer("new", 50 * MICRO).sends(4);
            if (peers.size() > 400) peers.subList(0, 20).clear();
            longestTurn = Math.max(longestTurn, turn());
        }
        assertThat(longestTurn).isLessThan(MILLI);
    }

    @Test
    void nobodyWaitsTwiceAtATime() {
        Peer one = new Peer("one", MICRO);
        turns.waitFor(one.share);
        turns.waitFor(one.share);
        assertThat(turns.waiting()).isEqualTo(1);
        turn();
        turn();
        assertThat(turns.waiting()).isZero();
    }
}
