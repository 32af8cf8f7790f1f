package org.larchmq.checker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the records mean: the state of messages, sessions, transactions and subscriptions after the records so far. The
 * invariants look at it; only this class changes it.
 */
final class History {
    private record StreamKey(String producer, String session, String dest) {}

    final CheckerSettings settings;
    private final List<Invariant> invariants;
    private final Findings findings;

    private final Map<StreamKey, StreamState> streams = new LinkedHashMap<>();
    private final Map<String, SessionState> sessions = new LinkedHashMap<>();
    private final Set<SessionState> living = new LinkedHashSet<>();
    private final Map<String, TransactionState> transactions = new HashMap<>();
    private final Map<String, List<SubscriptionState>> subscriptions = new HashMap<>();
    private final Set<Mid> reportedDamaged;
    private StreamState lastStream;
    private SessionState lastSession;
    private long lastBrokerFailureAt = Long.MIN_VALUE;
    private long endAt = Long.MAX_VALUE;
    private long endWall = Long.MIN_VALUE;
    private boolean damageInjected;

    History(CheckerSettings settings, List<Invariant> invariants, Findings findings) {
        this.settings = settings;
        this.invariants = invariants;
        this.findings = findings;
        this.reportedDamaged = new HashSet<>(settings.reportedDamaged());
    }

    void apply(HistoryRecord r) {
        findings.records++;
        if (endAt == Long.MAX_VALUE) endWall = Math.max(endWall, r.wallMillis());
        switch (r.op()) {
            case SEND -> send(r);
            case DELIVER -> {
                if (r.phase() == Phase.INFO) deliveryInDoubt(r);
                else deliver(r);
            }
            case ACK -> acknowledge(r);
            case COMMIT -> commit(r);
            case ROLLBACK -> rollback(r);
            case PREPARE -> prepare(r);
            case RECOVER -> recover(r);
            case OPEN -> open(r);
            case SUBSCRIBE -> subscribe(r);
            case UNSUBSCRIBE -> unsubscribe(r);
            case CLOSE -> close(r);
            case LOST -> lost(session(r), r);
            case RESUMED -> resumed(session(r), r);
            case BROKER_KILL -> brokerFailed(r);
            case CLIENT_KILL -> clientFailed(r);
            case DAMAGE -> damageInjected = true;
            case DAMAGE_REPORT -> damageReported(r);
            case DRAINED -> drained(r);
            case BROKER_START -> {
                if (r.phase() == Phase.INVOKE) brokerIsGone(r);
            }
            case XA_LISTED, XA_SCAN -> {}
        }
        if (r.op() != Op.SEND && r.op() != Op.DELIVER) {
            for (Invariant invariant : invariants) invariant.other(r, this, findings);
        }
    }

    // Producing

    private void send(HistoryRecord r) {
        MessageState message = stream(r.mid()).getOrCreate(r.mid().seq());
        message.sendPhase = r.phase();
        if (r.phase() == Phase.INVOKE) sendInvoked(message, r);
        else sendCompleted(message, r);
    }

    private void sendInvoked(MessageState message, HistoryRecord r) {
        message.bodyCrc = r.bodyCrc();
        message.persistent = r.mode() == Mode.PERSISTENT;
        message.priority = (byte) r.priority();
        message.ttlMillis = r.ttlMillis();
        message.delayMillis = r.delayMillis();
        message.invokedAt = r.tMonoNanos();
        message.invokedWall = r.wallMillis();
        message.completedWall = Long.MAX_VALUE / 2;
        if (r.tx() == null) return;
        message.tx = transaction(r.tx());
        message.tx.produced.add(message);
        session(r).tx = message.tx;
    }

    private void sendCompleted(MessageState message, HistoryRecord r) {
        message.completedAt = r.tMonoNanos();
        message.completedWall = r.wallMillis();
        if (r.phase() == Phase.FAIL) failed(message, r);
    }

    private void failed(MessageState message, HistoryRecord r) {
        for (Invariant invariant : invariants) invariant.sendFailed(message, r, findings);
    }

    // Consuming

    private void deliver(HistoryRecord r) {
        findings.deliveries++;
        SessionState session = session(r);
        ConsumerState consumer = consumer(session, r);
        StreamState stream = streamIfKnown(r.mid());
        MessageState message = stream == null ? null : stream.get(r.mid().seq());
        CopyState copy = message == null ? null : message.copy(r.dest(), r.sub());
        long jmsIdHash = hash(r.jmsId());
        boolean storedTwice = copy != null && copy.jmsIdHash != 0 && jmsIdHash != 0 && copy.jmsIdHash != jmsIdHash;
        boolean deadLetter =
                r.dest().equals(settings.deadLetterQueue()) && !r.mid().dest().equals(r.dest());
        var delivery = new Delivery(
                r, message, copy, copy == null ? null : copy.fate(this), session, consumer, deadLetter, storedTwice);
        if (delivery.isRedelivery()) findings.redeliveries++;
        for (Invariant invariant : invariants) invariant.delivered(delivery, this, findings);
        session.lastSuccessAt = r.tMonoNanos();
        if (message == null || storedTwice) return;
        if (copy == null) {
            copy = new CopyState(message, r.dest(), r.sub());
            copy.jmsIdHash = jmsIdHash;
            message.copies = copy;
        }
        hold(copy, session, r);
        if (r.sub() != null) consumer.subscription.saw(message);
    }

    /** Not judged, and no part of a session's or consumer's state: it may never have been. */
    private void deliveryInDoubt(HistoryRecord r) {
        StreamState stream = streamIfKnown(r.mid());
        MessageState message = stream == null ? null : stream.get(r.mid().seq());
        if (message == null) return;
        message.deliveryInDoubt = true;
        boolean isFirst = message.copies == null && r.sub() == null;
        if (isFirst && r.tx() != null) transaction(r.tx()).consumedInDoubt.add(message);
    }

    private void hold(CopyState copy, SessionState session, HistoryRecord r) {
        TransactionState tx = r.tx() == null ? null : transaction(r.tx());
        copy.delivered(session, tx, r.tMonoNanos());
        if (tx != null) {
            session.tx = tx;
            tx.consumed.add(copy);
        } else if (!session.acknowledgesByItself()) {
            session.unit.add(copy);
        }
    }

    private void acknowledge(HistoryRecord r) {
        SessionState session = session(r);
        if (r.phase() == Phase.OK) session.lastSuccessAt = r.tMonoNanos();
        if (r.mid() == null) {
            acknowledgeUnit(session, r.phase());
            return;
        }
        StreamState stream = streamIfKnown(r.mid());
        MessageState message = stream == null ? null : stream.get(r.mid().seq());
        CopyState copy = message == null ? null : message.copy(r.dest(), r.sub());
        if (copy == null || copy.session != session) return;
        switch (r.phase()) {
            case INVOKE -> {}
            case OK -> copy.settle(CopyState.Fate.ACKNOWLEDGED);
            case INFO -> copy.settle(CopyState.Fate.IN_DOUBT);
            case FAIL -> {
                copy.settle(CopyState.Fate.RETURNED);
                session.replays++;
            }
        }
    }

    private void acknowledgeUnit(SessionState session, Phase phase) {
        session.acknowledging = phase == Phase.INVOKE;
        if (phase == Phase.OK) settleUnit(session, CopyState.Fate.ACKNOWLEDGED);
        if (phase == Phase.INFO) settleUnit(session, CopyState.Fate.IN_DOUBT);
    }

    private void settleUnit(SessionState session, CopyState.Fate fate) {
        for (CopyState copy : session.unit) {
            boolean stillHere = copy.session == session && copy.tx == null;
            if (stillHere) copy.settle(fate);
        }
        session.unit.clear();
    }

    private void recover(HistoryRecord r) {
        if (r.phase() != Phase.OK) return;
        SessionState session = session(r);
        settleUnit(session, CopyState.Fate.RETURNED);
        session.replays++;
    }

    // Transactions

    private void commit(HistoryRecord r) {
        TransactionState tx = transaction(r.tx());
        switch (r.phase()) {
            case INVOKE -> tx.outcome = TransactionState.Outcome.IN_DOUBT;
            case OK -> committed(tx, r);
            case FAIL -> rolledBack(tx, r);
            case INFO -> tx.outcome = TransactionState.Outcome.IN_DOUBT;
        }
        if (r.session() != null && r.phase() != Phase.INVOKE) session(r).tx = null;
    }

    /** From now on it does not end with its session. */
    private void prepare(HistoryRecord r) {
        TransactionState tx = transaction(r.tx());
        switch (r.phase()) {
            case INVOKE, INFO -> tx.outcome = TransactionState.Outcome.PREPARING;
            case OK -> tx.outcome = TransactionState.Outcome.PREPARED;
            case FAIL -> rolledBack(tx, r);
        }
        if (r.session() != null) session(r).tx = null;
    }

    private void committed(TransactionState tx, HistoryRecord r) {
        findings.committed++;
        tx.outcome = TransactionState.Outcome.COMMITTED;
        tx.endedAt = r.tMonoNanos();
        tx.forget();
        transactions.remove(tx.id);
        if (r.session() != null) session(r).lastSuccessAt = r.tMonoNanos();
    }

    private void rolledBack(TransactionState tx, HistoryRecord r) {
        boolean wasPrepared =
                tx.outcome == TransactionState.Outcome.PREPARED || tx.outcome == TransactionState.Outcome.PREPARING;
        tx.outcome = TransactionState.Outcome.ROLLED_BACK;
        tx.endedAt = r.tMonoNanos();
        for (MessageState message : tx.produced) failed(message, r);
        for (CopyState copy : tx.consumed) copy.session.replays++;
        if (wasPrepared) mayComeBack();
        tx.forget();
        transactions.remove(tx.id);
    }

    /** Anybody may get back what a prepared branch held. */
    private void mayComeBack() {
        for (SessionState session : living) session.replays++;
    }

    /** Whatever rollback() answers, what was never asked to commit is rolled back. */
    private void rollback(HistoryRecord r) {
        if (r.tx() == null) {
            recover(r);
            return;
        }
        TransactionState tx = transactions.get(r.tx());
        if (tx != null && tx.isUndecided()) rolledBack(tx, r);
        if (r.session() != null) session(r).tx = null;
        else if (r.phase() != Phase.INVOKE) mayComeBack(); // what a branch held was not back before now
    }

    // Sessions and consumers

    private void open(HistoryRecord r) {
        if (r.phase() != Phase.OK) return;
        SessionState session = session(r);
        if (r.ackMode() != null) session.ackMode = r.ackMode();
        session.window = r.window() > 0 ? r.window() : settings.autoAckWindow();
    }

    private void subscribe(HistoryRecord r) {
        if (r.phase() != Phase.OK) return;
        var key = new ConsumerState.Key(r.dest(), r.sub());
        SessionState session = session(r);
        session.consumers.put(key, newConsumer(session, r, r.selector() == null));
    }

    private ConsumerState consumer(SessionState session, HistoryRecord r) {
        var key = new ConsumerState.Key(r.dest(), r.sub());
        ConsumerState known = session.consumers.get(key);
        if (known != null) return known;
        ConsumerState fresh = newConsumer(session, r, false);
        session.consumers.put(key, fresh);
        return fresh;
    }

    private ConsumerState newConsumer(SessionState session, HistoryRecord r, boolean expectsAll) {
        List<SubscriptionState> ofDest = subscriptions.computeIfAbsent(r.dest(), k -> new ArrayList<>(1));
        SubscriptionState subscription = living(ofDest, r.sub());
        if (subscription == null) {
            subscription = new SubscriptionState(r.dest(), r.sub(), r.durable(), r.tMonoNanos(), expectsAll);
            ofDest.add(subscription);
        }
        var consumer = new ConsumerState(session, subscription);
        consumer.sole = subscription.open.isEmpty();
        for (ConsumerState other : subscription.open) other.sole = false;
        subscription.open.add(consumer);
        return consumer;
    }

    private static SubscriptionState living(List<SubscriptionState> ofDest, String sub) {
        for (int i = ofDest.size() - 1; i >= 0; i--) {
            SubscriptionState s = ofDest.get(i);
            boolean isIt = sub == null ? s.sub == null : sub.equals(s.sub);
            if (isIt && !s.isGone()) return s;
        }
        return null;
    }

    private void unsubscribe(HistoryRecord r) {
        if (r.phase() == Phase.FAIL) return;
        ConsumerState consumer = session(r).consumers.remove(new ConsumerState.Key(r.dest(), r.sub()));
        if (consumer != null) consumerEnded(consumer, r);
        if (!r.durable()) return;
        SubscriptionState subscription =
                living(subscriptions.computeIfAbsent(r.dest(), k -> new ArrayList<>(1)), r.sub());
        if (subscription != null) subscription.until = r.tMonoNanos();
    }

    private void consumerEnded(ConsumerState consumer, HistoryRecord r) {
        SubscriptionState subscription = consumer.subscription;
        subscription.open.remove(consumer);
        boolean dies = subscription.sub != null && !subscription.durable && subscription.open.isEmpty();
        if (dies) subscription.until = Math.min(subscription.until, r.tMonoNanos());
    }

    private void close(HistoryRecord r) {
        SessionState session = session(r);
        session.closing = true;
        if (r.phase() == Phase.INFO || r.phase() == Phase.FAIL) {
            lost(session, r);
            return;
        }
        sessionEnded(session, r);
        if (r.phase() == Phase.OK) {
            session.closedOk = true;
            living.remove(session);
        }
    }

    private static void resumed(SessionState session, HistoryRecord r) {
        if (r.phase() == Phase.INFO) session.failsOver = true;
        else session.failureIsOver();
    }

    private void lost(SessionState session, HistoryRecord r) {
        if (session.lost) return;
        session.lost = true;
        session.failureIsOver();
        settleUnit(session, session.acknowledging ? CopyState.Fate.IN_DOUBT : CopyState.Fate.RETURNED);
        sessionEnded(session, r);
        living.remove(session);
    }

    private void sessionEnded(SessionState session, HistoryRecord r) {
        for (ConsumerState consumer : session.consumers.values()) consumerEnded(consumer, r);
        session.consumers.clear();
        TransactionState tx = session.tx;
        if (tx != null && tx.outcome == TransactionState.Outcome.OPEN) rolledBack(tx, r);
        session.tx = null;
    }

    // Faults

    private void brokerFailed(HistoryRecord r) {
        findings.brokerFailures++;
        lastBrokerFailureAt = r.tMonoNanos();
        for (SessionState session : living) session.failureNearby();
    }

    /** What was delivered until now is the former broker's, what follows is the next one's. */
    private void brokerIsGone(HistoryRecord r) {
        lastBrokerFailureAt = r.tMonoNanos();
        for (SessionState session : living) {
            if (session.failsOver) session.failureIsOver();
        }
    }

    private void clientFailed(HistoryRecord r) {
        findings.clientFailures++;
        for (SessionState session : List.copyOf(living)) {
            boolean hit = r.session() == null
                    ? session.proc != null && session.proc.equals(r.proc())
                    : session.id.equals(r.session());
            if (!hit) continue;
            session.failureNearby();
            session.lost = true; // it may still write what it saw before it died, so its failure stays inexact
            settleUnit(session, session.acknowledging ? CopyState.Fate.IN_DOUBT : CopyState.Fate.RETURNED);
            sessionEnded(session, r);
            living.remove(session);
        }
    }

    /** The last one counts. */
    private void drained(HistoryRecord r) {
        endAt = r.tMonoNanos();
        endWall = r.wallMillis();
    }

    private void damageReported(HistoryRecord r) {
        if (r.mid() != null) reportedDamaged.add(r.mid());
    }

    // The end

    void end() {
        for (StreamState stream : streams.values()) stream.forEach(this::count);
        if (settings.drained()) {
            for (StreamState stream : streams.values()) stream.forEach(this::findAbsence);
        }
        for (Invariant invariant : invariants) invariant.end(this, findings);
    }

    private void count(MessageState message) {
        switch (message.outcome()) {
            case CONFIRMED -> findings.confirmed++;
            case UNKNOWN -> findings.unknown++;
            case REFUSED -> findings.refused++;
        }
    }

    private void findAbsence(MessageState message) {
        if (message.outcome() != MessageState.Outcome.CONFIRMED || message.deliveryInDoubt) return;
        if (message.confirmedAt() > endAt) return;
        if (HistoryRecord.isTopic(message.stream.dest)) findAbsenceOnTopic(message);
        else findAbsenceOnQueue(message);
    }

    private void findAbsenceOnQueue(MessageState message) {
        if (message.copies == null) {
            absent(new Absence(message, null, Absence.Kind.NEVER_ARRIVED));
            return;
        }
        for (CopyState copy = message.copies; copy != null; copy = copy.next) {
            if (copy.fate(this) != CopyState.Fate.RETURNED) return;
        }
        absent(new Absence(message, null, Absence.Kind.RETURNED_AND_GONE));
    }

    private void findAbsenceOnTopic(MessageState message) {
        List<SubscriptionState> ofDest = subscriptions.get(message.stream.dest);
        if (ofDest == null) return;
        for (SubscriptionState subscription : ofDest) {
            boolean published = subscription.since < message.invokedAt && message.confirmedAt() < subscription.until;
            if (!published || !subscription.expectsAll) continue;
            if (message.copy(subscription.dest, subscription.sub) != null) continue;
            boolean alive = subscription.until > endAt || !subscription.isGone();
            boolean wasNext = message.delayMillis == 0 && subscription.sawLaterThan(message);
            if (alive) absent(new Absence(message, subscription, Absence.Kind.NEVER_ARRIVED));
            else if (wasNext) absent(new Absence(message, subscription, Absence.Kind.GAP));
        }
    }

    private void absent(Absence absence) {
        MessageState message = absence.message();
        if (message.mayBeExpired(endWall)) {
            findings.expired++;
        } else if (reportedDamaged.contains(message.mid())) {
            findings.reportedLost++;
            findings.missing(message.mid());
        } else if (!message.persistent && brokerFailedSince(message.invokedAt)) {
            findings.lostNonPersistent++;
        } else if (!message.mayBeScheduled(endWall)) {
            findings.missing(message.mid());
            for (Invariant invariant : invariants) invariant.absent(absence, findings);
        }
    }

    // What the invariants ask

    boolean brokerFailedSince(long tMonoNanos) {
        return lastBrokerFailureAt >= tMonoNanos;
    }

    boolean damageInjected() {
        return damageInjected;
    }

    boolean mayBeGone(MessageState message) {
        return message.deliveryInDoubt
                || message.mayBeExpired(endWall)
                || reportedDamaged.contains(message.mid())
                || !message.persistent && brokerFailedSince(message.invokedAt);
    }

    Iterable<SessionState> sessions() {
        return sessions.values();
    }

    /** Transactions whose outcome the history does not tell. */
    void forEachInDoubt(Consumer<TransactionState> action) {
        for (TransactionState tx : transactions.values()) {
            if (tx.outcome == TransactionState.Outcome.IN_DOUBT) action.accept(tx);
        }
    }

    /** Some message of a transaction that has not ended; none when it has none. */
    List<Mid> oneMessageOf(String txId) {
        TransactionState tx = transactions.get(txId);
        if (tx == null) return List.of();
        if (!tx.produced.isEmpty()) return List.of(tx.produced.get(0).mid());
        return tx.consumed.isEmpty()
                ? List.of()
                : List.of(tx.consumed.get(0).message.mid());
    }

    /** Whether it would still be there if nobody had consumed it. */
    boolean isDurable(CopyState copy) {
        if (copy.sub == null) return true;
        boolean durable = false;
        for (SubscriptionState s : subscriptions.getOrDefault(copy.dest, List.of())) {
            if (!copy.sub.equals(s.sub) || !s.durable) continue;
            if (s.isGone() && s.until >= copy.deliveredAt) return false; // gone with its subscription
            durable = true;
        }
        return durable;
    }

    // Look-ups

    private StreamState stream(Mid mid) {
        StreamState known = streamIfKnown(mid);
        if (known != null) return known;
        lastStream = new StreamState(mid.producer(), mid.session(), mid.dest());
        streams.put(new StreamKey(mid.producer(), mid.session(), mid.dest()), lastStream);
        return lastStream;
    }

    private StreamState streamIfKnown(Mid mid) {
        StreamState last = lastStream;
        boolean same = last != null
                && last.producer.equals(mid.producer())
                && last.session.equals(mid.session())
                && last.dest.equals(mid.dest());
        if (same) return last;
        StreamState found = streams.get(new StreamKey(mid.producer(), mid.session(), mid.dest()));
        if (found != null) lastStream = found;
        return found;
    }

    private SessionState session(HistoryRecord r) {
        String id = r.session();
        if (id == null) throw new IllegalArgumentException(r.op().code() + " without a session: " + r);
        if (lastSession != null && lastSession.id.equals(id)) return lastSession;
        SessionState session = sessions.get(id);
        if (session == null) {
            AckMode assumed = r.tx() == null ? AckMode.AUTO : AckMode.TRANSACTED;
            session = new SessionState(id, r.proc(), assumed, settings.autoAckWindow());
            sessions.put(id, session);
            living.add(session);
        }
        lastSession = session;
        return session;
    }

    private TransactionState transaction(String id) {
        return transactions.computeIfAbsent(id, TransactionState::new);
    }

    private static long hash(String text) {
        if (text == null) return 0;
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        return hash == 0 ? 1 : hash;
    }
}
