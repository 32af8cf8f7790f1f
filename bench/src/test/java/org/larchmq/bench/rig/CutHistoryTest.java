package org.larchmq.bench.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.Checker;
import org.larchmq.checker.CheckerSettings;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.Mid;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import org.larchmq.checker.Verdict;

/** What was confirmed before an image was taken must be in it; what happened while it was taken may be. */
class CutHistoryTest {
    private static final long FROM = 100;
    private static final long TO = 200;

    private final List<HistoryRecord> live = new ArrayList<>();
    private final List<HistoryRecord> afterwards = new ArrayList<>();

    private static HistoryRecord record(long at, Op op, Phase phase, UnaryOperator<HistoryRecord.Builder> fields) {
        return fields.apply(HistoryRecord.of(op, phase).at(at, at)).build();
    }

    private static Mid mid(long seq) {
        return new Mid("p", "p.1", "queue:q", seq);
    }

    private void sent(long seq, long invokedAt, long confirmedAt) {
        live.add(record(invokedAt, Op.SEND, Phase.INVOKE, r -> r.session("p.1").mid(mid(seq))));
        live.add(record(confirmedAt, Op.SEND, Phase.OK, r -> r.session("p.1").mid(mid(seq))));
    }

    private void onTheImage(long seq, boolean again) {
        afterwards.add(record(
                1000,
                Op.DELIVER,
                Phase.OK,
                r -> r.session("drain.1").mid(mid(seq)).redelivered(again).deliveryCount(again ? 2 : 1)));
    }

    private Verdict verdict() {
        return Checker.check(new CutHistory(live, FROM, TO, afterwards), CheckerSettings.defaults());
    }

    @Test
    void aMessageConfirmedBeforeMustBeThere() {
        sent(0, 10, 20);
        assertThat(verdict().violatedInvariants()).containsExactly("J1");
        onTheImage(0, false);
        assertThat(verdict().passed()).isTrue();
    }

    @Test
    void aMessageConfirmedMeanwhileMayBeThere() {
        sent(0, 90, 150);
        assertThat(verdict().passed()).isTrue();
        onTheImage(0, false);
        assertThat(verdict().passed()).isTrue();
    }

    @Test
    void aMessageSentLaterIsNotThere() {
        sent(0, 250, 260);
        assertThat(verdict().passed()).isTrue();
        onTheImage(0, false);
        assertThat(verdict().violatedInvariants()).containsExactly("J2");
    }

    @Test
    void whatWasConsumedMeanwhileMayComeBackAndMayNot() {
        live.add(record(
                1,
                Op.OPEN,
                Phase.OK,
                r -> r.session("c.1").ackMode(AckMode.AUTO).window(1)));
        for (int seq = 0; seq < 4; seq++) sent(seq, 10 + seq, 20 + seq);
        live.add(record(
                50, Op.DELIVER, Phase.OK, r -> r.session("c.1").mid(mid(0)).deliveryCount(1)));
        for (int seq = 1; seq < 4; seq++) {
            int delivered = seq;
            live.add(record(
                    110 + seq,
                    Op.DELIVER,
                    Phase.OK,
                    r -> r.session("c.1").mid(mid(delivered)).deliveryCount(1)));
        }
        assertThat(verdict().passed()).as(verdict().report()).isTrue();
        for (int seq = 0; seq < 4; seq++) onTheImage(seq, true);
        assertThat(verdict().passed()).as(verdict().report()).isTrue();
    }

    @Test
    void whatWasConsumedLongBeforeDoesNotComeBack() {
        live.add(record(
                1,
                Op.OPEN,
                Phase.OK,
                r -> r.session("c.1").ackMode(AckMode.AUTO).window(1)));
        for (int seq = 0; seq < 2; seq++) {
            int delivered = seq;
            sent(seq, 10 + seq, 20 + seq);
            live.add(record(
                    30 + seq,
                    Op.DELIVER,
                    Phase.OK,
                    r -> r.session("c.1").mid(mid(delivered)).deliveryCount(1)));
        }
        onTheImage(1, true);
        assertThat(verdict().passed()).as(verdict().report()).isTrue();
        onTheImage(0, true);
        assertThat(verdict().violatedInvariants()).contains("J5");
    }

    @Test
    void aTransactionCommittedMeanwhileIsThereWhollyOrNotAtAll() {
        committedMeanwhile(2);
        assertThat(verdict().passed()).isTrue();
        onTheImage(0, false);
        assertThat(verdict().violatedInvariants()).containsExactly("J8");
    }

    /** The image may have been taken after the commit and after the acknowledgements of what is missing. */
    @Test
    void ofATransactionCommittedMeanwhileSomeMayBeConsumedAlready() {
        live.add(record(1, Op.OPEN, Phase.OK, r -> r.session("c.1").ackMode(AckMode.AUTO)));
        committedMeanwhile(6);
        for (int seq = 0; seq < 4; seq++) deliveredMeanwhile(seq, null);
        assertThat(verdict().passed()).as(verdict().report()).isTrue();
        onTheImage(4, true);
        onTheImage(5, true);
        assertThat(verdict().passed()).as(verdict().report()).isTrue();
        afterwards.clear();
        onTheImage(2, true);
        for (int seq = 3; seq < 6; seq++) onTheImage(seq, false);
        assertThat(verdict().passed()).as(verdict().report()).isTrue();
    }

    @Test
    void ofATransactionCommittedMeanwhileNoneIsMissingThatNobodyGot() {
        live.add(record(1, Op.OPEN, Phase.OK, r -> r.session("c.1").ackMode(AckMode.AUTO)));
        committedMeanwhile(6);
        for (int seq = 0; seq < 3; seq++) deliveredMeanwhile(seq, null);
        onTheImage(4, true);
        onTheImage(5, true);
        assertThat(verdict().violatedInvariants()).containsExactly("J8");
    }

    private void committedMeanwhile(int messages) {
        for (int seq = 0; seq < messages; seq++) {
            int sent = seq;
            live.add(record(
                    10,
                    Op.SEND,
                    Phase.INVOKE,
                    r -> r.session("p.1").mid(mid(sent)).tx("t")));
            live.add(record(
                    20, Op.SEND, Phase.OK, r -> r.session("p.1").mid(mid(sent)).tx("t")));
        }
        live.add(record(90, Op.COMMIT, Phase.INVOKE, r -> r.session("p.1").tx("t")));
        live.add(record(150, Op.COMMIT, Phase.OK, r -> r.session("p.1").tx("t")));
    }

    /** One of the two was sent while the image was taken: it may be too young to be on it, and so is its consumption. */
    @Test
    void whatATransactionConsumedMayLackWhatIsTooYoungForTheImage() {
        live.add(record(1, Op.OPEN, Phase.OK, r -> r.session("c.1").ackMode(AckMode.TRANSACTED)));
        sent(0, 10, 20);
        sent(1, 90, 150);
        consumedMeanwhile();
        assertThat(verdict().passed()).as(verdict().report()).isTrue();
        onTheImage(0, true);
        assertThat(verdict().passed()).as(verdict().report()).isTrue();
        onTheImage(1, true);
        assertThat(verdict().passed()).as(verdict().report()).isTrue();
    }

    /** It is on the image, so the transaction is not; then what was there before it must have come back too. */
    @Test
    void ifTheYoungOneThatATransactionConsumedComesBackTheOldOneDoesToo() {
        live.add(record(1, Op.OPEN, Phase.OK, r -> r.session("c.1").ackMode(AckMode.TRANSACTED)));
        sent(0, 10, 20);
        sent(1, 90, 150);
        consumedMeanwhile();
        onTheImage(1, false);
        assertThat(verdict().violatedInvariants()).containsExactly("J8");
    }

    @Test
    void whatATransactionConsumedComesBackWhollyIfItMustBeThere() {
        live.add(record(1, Op.OPEN, Phase.OK, r -> r.session("c.1").ackMode(AckMode.TRANSACTED)));
        sent(0, 10, 20);
        sent(1, 30, 40);
        consumedMeanwhile();
        onTheImage(0, true);
        assertThat(verdict().violatedInvariants()).containsExactly("J8");
    }

    private void consumedMeanwhile() {
        for (int seq = 0; seq < 2; seq++) deliveredMeanwhile(seq, "t");
        live.add(record(160, Op.COMMIT, Phase.INVOKE, r -> r.session("c.1").tx("t")));
        live.add(record(170, Op.COMMIT, Phase.OK, r -> r.session("c.1").tx("t")));
    }

    private void deliveredMeanwhile(long seq, String tx) {
        live.add(record(
                155 + seq,
                Op.DELIVER,
                Phase.OK,
                r -> r.session("c.1").mid(mid(seq)).tx(tx).deliveryCount(1)));
    }
}
