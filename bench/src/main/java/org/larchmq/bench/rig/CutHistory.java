package org.larchmq.bench.rig;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Supplier;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.Mid;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;

/**
 * The history as it would have been, had the power failed while an image of the disk was taken. What was confirmed
 * before {@code fromNanos} must be in the image; what happened from then until {@code toNanos} may be, so confirmations
 * in between count as unknown, and so do deliveries of what was confirmed in between; what came later did not happen.
 */
final class CutHistory implements Iterable<HistoryRecord> {
    private final Iterable<HistoryRecord> live;
    private final Iterable<HistoryRecord> afterwards;
    private final long fromNanos;
    private final long toNanos;

    /** {@code afterwards}: what was seen on the image. */
    CutHistory(Iterable<HistoryRecord> live, long fromNanos, long toNanos, Iterable<HistoryRecord> afterwards) {
        this.live = live;
        this.fromNanos = fromNanos;
        this.toNanos = toNanos;
        this.afterwards = afterwards;
    }

    @Override
    public Iterator<HistoryRecord> iterator() {
        return new Cut();
    }

    private final class Cut implements Iterator<HistoryRecord> {
        private final Iterator<HistoryRecord> before = live.iterator();
        private Supplier<Iterator<HistoryRecord>> nextPart = this::powerFails;
        private Iterator<HistoryRecord> part = List.<HistoryRecord>of().iterator();
        private final Map<String, AckMode> open = new LinkedHashMap<>();
        private final Map<String, List<Mid>> sentInTransaction = new HashMap<>();
        private final Set<Mid> onTheImage = new HashSet<>();
        private boolean cutBegan;

        @Override
        public boolean hasNext() {
            while (!part.hasNext()) {
                if (before.hasNext()) part = translate(before.next()).iterator();
                else if (nextPart == null) return false;
                else part = nextPart.get();
            }
            return true;
        }

        @Override
        public HistoryRecord next() {
            if (!hasNext()) throw new NoSuchElementException();
            return part.next();
        }

        private List<HistoryRecord> translate(HistoryRecord r) {
            if (r.tMonoNanos() > toNanos) return List.of();
            List<HistoryRecord> result = new ArrayList<>(1);
            if (r.tMonoNanos() > fromNanos) {
                if (!cutBegan) automaticSessionsEnd(result);
                cutBegan = true;
                inDoubt(r, result);
            } else {
                rememberStored(r);
                result.add(r);
            }
            if (r.op() == Op.OPEN) open.put(r.session(), r.ackMode());
            if (r.op() == Op.CLOSE || r.op() == Op.LOST) open.remove(r.session());
            return result;
        }

        /** What was confirmed, or delivered, before the image was taken is on it. */
        private void rememberStored(HistoryRecord r) {
            if (r.phase() != Phase.OK) return;
            boolean sent = r.op() == Op.SEND;
            if (sent && r.tx() != null) {
                sentInTransaction
                        .computeIfAbsent(r.tx(), tx -> new ArrayList<>())
                        .add(r.mid());
            } else if (sent || r.op() == Op.DELIVER) {
                onTheImage.add(r.mid());
            } else if (r.op() == Op.COMMIT) {
                List<Mid> committed = sentInTransaction.remove(r.tx());
                if (committed != null) onTheImage.addAll(committed);
            } else if (r.op() == Op.ROLLBACK) {
                sentInTransaction.remove(r.tx());
            }
        }

        /** From here on their acknowledgements may be missing: what they get now is settled one by one, as unknown. */
        private void automaticSessionsEnd(List<HistoryRecord> result) {
            open.forEach((session, ackMode) -> {
                if (ackMode == AckMode.AUTO || ackMode == AckMode.DUPS_OK) result.add(lost(session, fromNanos));
            });
        }

        private void inDoubt(HistoryRecord r, List<HistoryRecord> result) {
            boolean confirmation = r.phase() == Phase.OK
                    && (r.op() == Op.SEND || r.op() == Op.COMMIT || r.op() == Op.ACK || r.op() == Op.CLOSE);
            if (confirmation && r.op() == Op.CLOSE) return;
            boolean maybeTooYoung = r.op() == Op.DELIVER && !onTheImage.contains(r.mid());
            result.add(confirmation || maybeTooYoung ? unknown(r) : r);
            if (maybeTooYoung) return;
            boolean automatic = r.op() == Op.DELIVER && r.tx() == null && open.get(r.session()) != AckMode.CLIENT;
            if (automatic) result.add(acknowledgementUnknown(r));
        }

        private Iterator<HistoryRecord> powerFails() {
            List<HistoryRecord> result = new ArrayList<>();
            if (!cutBegan) automaticSessionsEnd(result);
            result.add(HistoryRecord.of(Op.BROKER_KILL, Phase.INFO)
                    .at(toNanos, 0)
                    .note("power cut")
                    .build());
            open.forEach((session, ackMode) -> result.add(lost(session, toNanos)));
            nextPart = () -> {
                nextPart = null;
                return afterwards.iterator();
            };
            return result.iterator();
        }

        private HistoryRecord lost(String session, long atNanos) {
            return HistoryRecord.of(Op.LOST, Phase.INFO)
                    .at(atNanos, 0)
                    .session(session)
                    .note("power cut")
                    .build();
        }

        private HistoryRecord unknown(HistoryRecord r) {
            var copy = HistoryRecord.of(r.op(), Phase.INFO)
                    .at(r.tMonoNanos(), r.wallMillis())
                    .proc(r.proc())
                    .session(r.session())
                    .dest(r.dest())
                    .sub(r.sub())
                    .tx(r.tx())
                    .note("while the image was taken");
            if (r.mid() != null) copy.mid(r.mid());
            return copy.build();
        }

        private HistoryRecord acknowledgementUnknown(HistoryRecord r) {
            return HistoryRecord.of(Op.ACK, Phase.INFO)
                    .at(r.tMonoNanos(), r.wallMillis())
                    .session(r.session())
                    .dest(r.dest())
                    .sub(r.sub())
                    .mid(r.mid())
                    .build();
        }
    }
}
