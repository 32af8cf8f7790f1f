package org.larchmq.broker.state;

import java.util.PriorityQueue;
import java.util.function.LongConsumer;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/**
 * How far one subscription has got in one queue (one priority of a destination). Durable: everything below
 * {@link #lowWater} is settled, above it what the bitmap says; the attempts that count; up to where messages may have been
 * delivered. Soft, for the life of the process: what is handed out.
 *
 * <p>An offset that is not settled is either untouched (at or above {@link #next}), ready again (returned), waiting for
 * its redelivery delay, or held by a consumer.
 */
public final class Cursor {
    private static final int MIN_RESERVE_AHEAD = 16;
    private static final int MAX_RESERVE_AHEAD = 16_384;
    /** A reservation that lasted less long was too small. */
    private static final long SHORT_RESERVATION_MILLIS = 100;

    private long lowWater;
    private final OffsetSet settledAbove = new OffsetSet();
    private final Attempts attempts = new Attempts();
    private final OffsetSet maybeDelivered = new OffsetSet();
    private long reservedUpTo;
    private long flaggedBelow;

    private long next;
    private long deliverableBelow;
    private int reserveAhead = MIN_RESERVE_AHEAD;
    private long reservedAtMillis;
    private final OffsetSet reservedSingly = new OffsetSet();
    private final OffsetSet notYetReserved = new OffsetSet();
    private final OffsetSet takenAhead = new OffsetSet();
    private final OffsetSet returned = new OffsetSet();
    private final PriorityQueue<Delayed> delayed = new PriorityQueue<>();

    private record Delayed(long readyAtMillis, long queueOffset) implements Comparable<Delayed> {
        @Override
        public int compareTo(Delayed other) {
            int byTime = Long.compare(readyAtMillis, other.readyAtMillis);
            return byTime != 0 ? byTime : Long.compare(queueOffset, other.queueOffset);
        }
    }

    /** @param start first queue offset that the subscription wants */
    public Cursor(long start) {
        lowWater = start;
        next = start;
        reservedUpTo = start;
        flaggedBelow = start;
        deliverableBelow = start;
    }

    /** All offsets below are settled. */
    public long lowWater() {
        return lowWater;
    }

    public boolean isSettled(long queueOffset) {
        return queueOffset < lowWater || settledAbove.contains(queueOffset);
    }

    /** Offsets in {@code [lowWater, end)} that are not settled. */
    public long unsettled(long end) {
        return Math.max(0, end - lowWater) - settledAbove.size();
    }

    /** The first offset at or above one that is not settled. */
    public long firstUnsettledFrom(long queueOffset) {
        long from = Math.max(queueOffset, lowWater);
        return settledAbove.isEmpty() ? from : settledAbove.firstAbsentFrom(from);
    }

    /** Offsets in {@code [from, end)} that are not settled. */
    long unsettled(long from, long end) {
        long first = Math.max(from, lowWater);
        return first >= end ? 0 : end - first - settledAbove.count(first, end);
    }

    // ---- durable changes

    void settle(long from, long count) {
        long end = from + count;
        if (end <= lowWater) return;
        long before = lowWater;
        if (from <= lowWater) lowWater = end;
        else settledAbove.add(from, count);
        if (!settledAbove.isEmpty()) {
            lowWater = settledAbove.firstAbsentFrom(lowWater);
            if (lowWater > before) settledAbove.removeBelow(lowWater); // costs more than all the rest
        }
        attempts.forget(from, count);
        if (!maybeDelivered.isEmpty()) maybeDelivered.remove(from, count);
        if (!returned.isEmpty()) returned.remove(from, count); // nobody is to look at what may not be there any more
        if (!reservedSingly.isEmpty()) reservedSingly.remove(from, count);
        if (lowWater > before && !takenAhead.isEmpty()) takenAhead.removeBelow(lowWater);
        if (next < lowWater) next = lowWater;
    }

    void returned(long from, long count, boolean counted) {
        if (!reservedSingly.isEmpty()) reservedSingly.remove(from, count);
        for (long offset = from; offset < from + count; offset++) {
            if (isSettled(offset)) continue;
            if (counted) attempts.add(offset);
            else maybeDelivered.add(offset);
        }
    }

    void reserve(long upTo) {
        reservedUpTo = Math.max(reservedUpTo, upTo);
    }

    /** After an unclean stop whatever was reserved may have been delivered. */
    void flagReserved() {
        flaggedBelow = Math.max(flaggedBelow, reservedUpTo);
    }

    /** After a clean stop nothing is under way. */
    void forgetReserved() {
        reservedUpTo = lowWater;
    }

    // ---- what a delivery says

    /** Deliveries below this offset are reserved in the log. */
    public long reservedUpTo() {
        return reservedUpTo;
    }

    /** Attempts that count towards the dead-letter limit. */
    public int attempts(long queueOffset) {
        return attempts.of(queueOffset);
    }

    /** JMSXDeliveryCount of the next delivery: 1 only if the message surely was never delivered. */
    public int deliveryCount(long queueOffset) {
        int counted = attempts(queueOffset);
        if (counted == 0 && (queueOffset < flaggedBelow || isMaybeDelivered(queueOffset))) return 2;
        return Math.min(65_535, counted + 1);
    }

    private boolean isMaybeDelivered(long queueOffset) {
        return !maybeDelivered.isEmpty()
                && maybeDelivered.contains(queueOffset)
                && !reservedSingly.contains(queueOffset);
    }

    // ---- reservations of single messages, for consumers that pick

    /** The log says that these may have been delivered, though none was yet; that is not committed. */
    public void reservedSingly(OffsetRanges ranges) {
        for (int i = 0; i < ranges.size(); i++) {
            reservedSingly.add(ranges.from(i), ranges.count(i));
            notYetReserved.add(ranges.from(i), ranges.count(i));
        }
    }

    /** That is committed. */
    public void singlesCommitted(OffsetRanges ranges) {
        for (int i = 0; i < ranges.size(); i++) notYetReserved.remove(ranges.from(i), ranges.count(i));
    }

    /** Whether a single reservation of it waits to be committed. */
    public boolean isBeingReserved(long queueOffset) {
        return !notYetReserved.isEmpty() && notYetReserved.contains(queueOffset);
    }

    /** Whether the log says, and that is committed, that it may have been delivered. */
    public boolean mayBeDelivered(long queueOffset) {
        if (queueOffset < deliverableBelow) return true;
        return !isBeingReserved(queueOffset) && (maybeDelivered.contains(queueOffset) || attempts(queueOffset) > 0);
    }

    /** Deliveries below this offset are reserved in the log, and that is committed. */
    public long deliverableBelow() {
        return deliverableBelow;
    }

    /** The reservation up to this offset is committed. */
    public void allowDeliveryBelow(long queueOffset) {
        deliverableBelow = Math.max(deliverableBelow, queueOffset);
    }

    /**
     * How many messages to reserve at once: few for a slow queue, so that a crash flags few messages that were never
     * delivered; many for a fast one, so that reservations cost nothing.
     */
    public int nextReserveAhead(long nowMillis) {
        boolean wasShort = nowMillis - reservedAtMillis < SHORT_RESERVATION_MILLIS;
        reserveAhead = wasShort
                ? Math.min(MAX_RESERVE_AHEAD, reserveAhead * 4)
                : Math.max(MIN_RESERVE_AHEAD, reserveAhead / 2);
        reservedAtMillis = nowMillis;
        return reserveAhead;
    }

    /** Size of the last reservation. */
    public int reserveAhead() {
        return reserveAhead;
    }

    // ---- soft: what can be handed out

    /** First offset that was never handed out in turn. */
    public long next() {
        return next;
    }

    /** The next offset to hand out in turn below {@code end}: a returned one first; -1 when there is none. */
    public long takeNext(long end) {
        if (!returned.isEmpty()) {
            long again = returned.firstFrom(0);
            if (again < next) {
                returned.remove(again);
                return again;
            }
        }
        while (next < end) {
            if (!settledAbove.isEmpty() && settledAbove.contains(next)) {
                next = settledAbove.firstAbsentFrom(next); // at once, however many they are
                continue;
            }
            long offset = next++;
            if (!takenAhead.isEmpty() && takenAhead.contains(offset)) {
                takenAhead.remove(offset);
                if (!returned.contains(offset)) continue;
                returned.remove(offset); // taken out of turn and come back before its turn
            }
            return offset;
        }
        return -1;
    }

    /** Gives back what {@link #takeNext} handed out, because nobody could take it after all. */
    public void putBack(long queueOffset) {
        if (queueOffset + 1 == next && returned.firstFrom(queueOffset + 1) < 0) next = queueOffset;
        else returned.add(queueOffset);
    }

    /** Whether a consumer that looks for particular messages could take this one now. */
    public boolean isAvailable(long queueOffset) {
        if (isSettled(queueOffset)) return false;
        return queueOffset >= next && !takenAhead.contains(queueOffset) || returned.contains(queueOffset);
    }

    /** Takes an available message out of turn. */
    public void take(long queueOffset) {
        if (returned.contains(queueOffset)) returned.remove(queueOffset);
        else if (queueOffset == next) next++;
        else if (queueOffset > next) takenAhead.add(queueOffset);
    }

    /** Smallest returned offset at or above {@code from}, -1 when there is none. */
    public long firstReturned(long from) {
        return returned.firstFrom(from);
    }

    /** Makes messages that a consumer held available again. */
    public void makeReady(long queueOffset) {
        if (!isSettled(queueOffset)) returned.add(queueOffset);
    }

    /** As {@link #makeReady}, but not before a time. */
    public void makeReadyLater(long queueOffset, long readyAtMillis) {
        if (!isSettled(queueOffset)) delayed.add(new Delayed(readyAtMillis, queueOffset));
    }

    /** Makes ready what has waited long enough. Returns when the next one is due, {@link Long#MAX_VALUE} for never. */
    public long releaseDelayed(long nowMillis, LongConsumer released) {
        while (!delayed.isEmpty() && delayed.peek().readyAtMillis <= nowMillis) {
            long queueOffset = delayed.poll().queueOffset;
            makeReady(queueOffset);
            released.accept(queueOffset);
        }
        return delayed.isEmpty() ? Long.MAX_VALUE : delayed.peek().readyAtMillis;
    }

    /** Whether {@link #takeNext} may find something below {@code end}. */
    public boolean mayHaveWork(long end) {
        return next < end || !returned.isEmpty();
    }

    /** Forgets what was handed out: after recovery nobody holds anything. */
    void resetSoftState() {
        next = lowWater;
        deliverableBelow = reservedUpTo;
        reservedSingly.clear();
        notYetReserved.clear();
        takenAhead.clear();
        returned.clear();
        delayed.clear();
    }

    // ---- encoding, see SnapshotCodec

    void encode(ByteWriter out) {
        out.putLong(lowWater).putLong(reservedUpTo).putLong(flaggedBelow);
        settledAbove.encode(out);
        maybeDelivered.encode(out);
        attempts.encode(out);
    }

    static Cursor decode(ByteReader in) {
        Cursor cursor = new Cursor(in.getLong());
        cursor.reservedUpTo = in.getLong();
        cursor.flaggedBelow = in.getLong();
        cursor.settledAbove.decode(in);
        cursor.maybeDelivered.decode(in);
        cursor.attempts.decode(in);
        return cursor;
    }

    void settle(OffsetRanges ranges) {
        for (int i = 0; i < ranges.size(); i++) settle(ranges.from(i), ranges.count(i));
    }
}
