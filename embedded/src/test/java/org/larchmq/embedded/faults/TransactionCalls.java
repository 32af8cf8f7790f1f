package org.larchmq.embedded.faults;

import static org.larchmq.wire.FrameType.COMMIT;
import static org.larchmq.wire.FrameType.COMMIT_NAMED;
import static org.larchmq.wire.FrameType.DRAIN;
import static org.larchmq.wire.FrameType.ROLLBACK;
import static org.larchmq.wire.FrameType.SEND_LARGE;

import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.util.List;
import org.larchmq.embedded.faults.ApiCall.Family;
import org.larchmq.embedded.faults.ApiCall.Script;

/** Transacted sessions. */
final class TransactionCalls {
    private TransactionCalls() {}

    static List<ApiCall> all() {
        return List.of(
                ApiCall.of("Session.commit, sent", Family.COMMIT, commit(true, false, ""))
                        .at(COMMIT, COMMIT_NAMED),
                ApiCall.of("Session.commit, received", Family.COMMIT_RECEIVED, commit(false, true, ""))
                        .at(COMMIT, COMMIT_NAMED),
                ApiCall.of("Session.commit, sent and received", Family.COMMIT_RECEIVED, commit(true, true, ""))
                        .at(COMMIT, COMMIT_NAMED),
                ApiCall.of(
                                "Session.commit, sent large",
                                Family.COMMIT_RECEIVED,
                                commit(true, false, SendingCalls.FILLING))
                        .at(COMMIT, COMMIT_NAMED),
                ApiCall.of("Session.commit, sent large, at the message", Family.COMMIT_RECEIVED, commitLarge())
                        .at(SEND_LARGE),
                ApiCall.of("Session.rollback, received", Family.GIVE_BACK, TransactionCalls::rollbackReceived)
                        .at(DRAIN),
                ApiCall.of("Session.rollback, sent large", Family.GIVE_BACK, TransactionCalls::rollbackLarge)
                        .at(ROLLBACK),
                ApiCall.of("Session.rollback, sent", Family.LOCAL, TransactionCalls::rollbackSent),
                ApiCall.of("Session.close, transaction under way", Family.CLOSE, TransactionCalls::closeStaged)
                        .at(ROLLBACK));
    }

    /** Commits and writes down what that means for what was received and sent. */
    private static void commit(Stage stage, Session session, boolean sends, boolean receives) throws Exception {
        if (sends) stage.ledger().may("sent");
        if (receives) stage.ledger().may("received");
        try {
            session.commit();
        } catch (TransactionRolledBackException e) {
            if (sends) stage.ledger().gone("sent");
            if (receives) stage.ledger().must("received");
            throw e;
        }
        if (sends) stage.ledger().must("sent");
        if (receives) stage.ledger().gone("received");
    }

    private static Script commit(boolean sends, boolean receives, String filling) {
        return stage -> {
            if (receives) stage.seed("received");
            Session session = stage.session(Session.SESSION_TRANSACTED);
            if (receives) session.createConsumer(stage.queue()).receive(Stage.PATIENCE_MILLIS);
            MessageProducer producer = session.createProducer(stage.target());
            if (sends) producer.send(session.createTextMessage("sent" + filling));
            return () -> commit(stage, session, sends, receives);
        };
    }

    private static Script commitLarge() {
        return stage -> {
            Session session = stage.session(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(stage.target());
            return () -> {
                stage.ledger().may("sent");
                producer.send(session.createTextMessage("sent" + SendingCalls.FILLING));
                commit(stage, session, true, false);
            };
        };
    }

    private static ApiCall.Step rollbackReceived(Stage stage) throws Exception {
        stage.seed("received");
        Session session = stage.session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = session.createConsumer(stage.queue());
        consumer.receive(Stage.PATIENCE_MILLIS);
        return session::rollback;
    }

    private static ApiCall.Step rollbackLarge(Stage stage) throws Exception {
        Session session = staged(stage);
        return session::rollback;
    }

    private static ApiCall.Step closeStaged(Stage stage) throws Exception {
        Session session = staged(stage);
        return session::close;
    }

    private static Session staged(Stage stage) throws Exception {
        Session session = stage.session(Session.SESSION_TRANSACTED);
        session.createProducer(stage.queue()).send(session.createTextMessage("sent" + SendingCalls.FILLING));
        stage.ledger().gone("sent");
        return session;
    }

    private static ApiCall.Step rollbackSent(Stage stage) throws Exception {
        Session session = stage.session(Session.SESSION_TRANSACTED);
        session.createProducer(stage.queue()).send(session.createTextMessage("sent"));
        stage.ledger().gone("sent");
        return session::rollback;
    }
}
