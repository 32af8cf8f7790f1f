package org.larchmq.checker;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Hand-made histories: every step is 1 ms of both clocks after the one before. */
final class Story {
    static final String QUEUE = "queue:orders";
    static final String TOPIC = "topic:prices";

    final List<HistoryRecord> records = new ArrayList<>();
    private long millis;

    Story pass(long millisToPass) {
        millis += millisToPass;
        return this;
    }

    Story add(Op op, Phase phase, UnaryOperator<HistoryRecord.Builder> fields) {
        millis++;
        records.add(fields.apply(HistoryRecord.of(op, phase).at(millis * 1_000_000, millis))
                .build());
        return this;
    }

    static Mid mid(String dest, long seq) {
        return new Mid("p", "ps", dest, seq);
    }

    Story sendInvoked(String dest, long seq, UnaryOperator<HistoryRecord.Builder> fields) {
        return add(
                Op.SEND,
                Phase.INVOKE,
                r -> fields.apply(r.proc("p").session("ps").mid(mid(dest, seq)).bodyCrc(seq + 1000)));
    }

    Story sent(String dest, long seq, UnaryOperator<HistoryRecord.Builder> fields) {
        sendInvoked(dest, seq, fields);
        return add(Op.SEND, Phase.OK, r -> fields.apply(r.session("ps").mid(mid(dest, seq))));
    }

    Story sent(String dest, long... seqs) {
        for (long seq : seqs) sent(dest, seq, r -> r);
        return this;
    }

    Story delivered(String session, String dest, long seq, UnaryOperator<HistoryRecord.Builder> fields) {
        return add(
                Op.DELIVER,
                Phase.OK,
                r -> fields.apply(r.proc("c")
                        .session(session)
                        .sub(HistoryRecord.isTopic(dest) ? "sub-" + session : null)
                        .mid(mid(dest, seq))
                        .deliveryCount(1)
                        .jmsId("ID:" + dest + seq)
                        .bodyCrc(seq + 1000)));
    }

    Story delivered(String session, String dest, long... seqs) {
        for (long seq : seqs) delivered(session, dest, seq, r -> r);
        return this;
    }

    Story redelivered(String session, String dest, long... seqs) {
        for (long seq : seqs)
            delivered(session, dest, seq, r -> r.redelivered(true).deliveryCount(2));
        return this;
    }

    Story deliveryInDoubt(String session, String dest, long seq, String tx) {
        return add(
                Op.DELIVER,
                Phase.INFO,
                r -> r.proc("c").session(session).mid(mid(dest, seq)).tx(tx));
    }

    Story open(String session, AckMode ackMode) {
        return add(Op.OPEN, Phase.OK, r -> r.proc("c").session(session).ackMode(ackMode));
    }

    Story subscribed(String session, String dest) {
        return add(
                Op.SUBSCRIBE,
                Phase.OK,
                r -> r.session(session).dest(dest).sub(HistoryRecord.isTopic(dest) ? "sub-" + session : null));
    }

    Story session(Op op, Phase phase, String session) {
        return add(op, phase, r -> r.session(session));
    }

    Story tx(Op op, Phase phase, String session, String tx) {
        return add(op, phase, r -> r.session(session).tx(tx));
    }

    Story committed(String session, String tx) {
        return tx(Op.COMMIT, Phase.INVOKE, session, tx).tx(Op.COMMIT, Phase.OK, session, tx);
    }

    Story acknowledged(String session) {
        return session(Op.ACK, Phase.INVOKE, session).session(Op.ACK, Phase.OK, session);
    }

    Story brokerKilled() {
        return add(Op.BROKER_KILL, Phase.INFO, r -> r);
    }

    /** Ends the life of the killed broker for every session that fails over. */
    Story brokerStarted() {
        return add(Op.BROKER_START, Phase.INVOKE, r -> r).add(Op.BROKER_START, Phase.OK, r -> r);
    }

    Story lost(String session) {
        return session(Op.LOST, Phase.INFO, session);
    }

    Story drained() {
        return add(Op.DRAINED, Phase.OK, r -> r);
    }

    Verdict verdict() {
        return Checker.check(records, CheckerSettings.defaults().withMaxDeliveries(3));
    }

    Verdict verdict(CheckerSettings settings) {
        return Checker.check(records, settings);
    }
}
