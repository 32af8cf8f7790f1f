package org.larchmq.embedded.faults;

import static org.larchmq.wire.FrameType.XA_COMMIT;
import static org.larchmq.wire.FrameType.XA_END;
import static org.larchmq.wire.FrameType.XA_FORGET;
import static org.larchmq.wire.FrameType.XA_PREPARE;
import static org.larchmq.wire.FrameType.XA_RECOVER;
import static org.larchmq.wire.FrameType.XA_ROLLBACK;
import static org.larchmq.wire.FrameType.XA_START;

import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.larchmq.embedded.faults.ApiCall.Family;

/** Distributed transactions: a connection that takes part in one is never restored. */
final class XaCalls {
    private XaCalls() {}

    static List<ApiCall> all() {
        return List.of(
                ApiCall.of("XAResource.start", Family.XA, XaCalls::start).at(XA_START),
                ApiCall.of("XAResource.end", Family.XA, XaCalls::end).at(XA_END),
                ApiCall.of("XAResource.prepare", Family.XA, XaCalls::prepare).at(XA_PREPARE),
                ApiCall.of("XAResource.commit, two phases", Family.XA, stage -> commit(stage, false))
                        .at(XA_COMMIT),
                ApiCall.of("XAResource.commit, one phase", Family.XA, stage -> commit(stage, true))
                        .at(XA_COMMIT),
                ApiCall.of("XAResource.rollback", Family.XA, XaCalls::rollback).at(XA_ROLLBACK),
                ApiCall.of("XAResource.rollback, prepared", Family.XA, XaCalls::rollbackPrepared)
                        .at(XA_ROLLBACK),
                ApiCall.of("XAResource.recover", Family.XA, XaCalls::recover).at(XA_RECOVER),
                ApiCall.of("XAResource.forget", Family.XA, XaCalls::forget).at(XA_FORGET),
                ApiCall.of("XASession.close, branch under way", Family.CLOSE, XaCalls::closeSession)
                        .at(XA_END),
                ApiCall.of("XAConnection.close, XAResource.rollback", Family.XA, XaCalls::closeConnection)
                        .at(XA_ROLLBACK));
    }

    /** A branch with one message received and one sent, and a session that works for it. */
    private record Work(XASession session, XAResource resource, Xid xid) {}

    private static Work begin(Stage stage) throws Exception {
        stage.seed("received");
        XASession session = stage.xaConnection().createXASession();
        XAResource resource = session.getXAResource();
        resource.start(stage.xid(), XAResource.TMNOFLAGS);
        session.createConsumer(stage.queue()).receive(Stage.PATIENCE_MILLIS);
        session.createProducer(stage.target()).send(session.createTextMessage("sent"));
        stage.ledger().gone("sent");
        return new Work(session, resource, stage.xid());
    }

    private static Work ended(Stage stage) throws Exception {
        Work work = begin(stage);
        work.resource.end(work.xid, XAResource.TMSUCCESS);
        return work;
    }

    private static Work prepared(Stage stage) throws Exception {
        Work work = ended(stage);
        work.resource.prepare(work.xid);
        return work;
    }

    private static ApiCall.Step start(Stage stage) throws Exception {
        XASession session = stage.xaConnection().createXASession();
        XAResource resource = session.getXAResource();
        return () -> resource.start(stage.xid(), XAResource.TMNOFLAGS);
    }

    private static ApiCall.Step end(Stage stage) throws Exception {
        Work work = begin(stage);
        return () -> work.resource.end(work.xid, XAResource.TMSUCCESS);
    }

    private static ApiCall.Step prepare(Stage stage) throws Exception {
        Work work = ended(stage);
        return () -> work.resource.prepare(work.xid);
    }

    private static ApiCall.Step commit(Stage stage, boolean onePhase) throws Exception {
        Work work = onePhase ? ended(stage) : prepared(stage);
        return () -> {
            stage.ledger().may("sent");
            stage.ledger().may("received");
            try {
                work.resource.commit(work.xid, onePhase);
            } catch (XAException e) {
                boolean rolledBack = e.errorCode >= XAException.XA_RBBASE && e.errorCode <= XAException.XA_RBEND;
                if (rolledBack) stage.ledger().gone("sent");
                if (rolledBack) stage.ledger().must("received");
                throw e;
            }
            stage.ledger().must("sent");
            stage.ledger().gone("received");
        };
    }

    private static ApiCall.Step rollback(Stage stage) throws Exception {
        Work work = ended(stage);
        return () -> work.resource.rollback(work.xid);
    }

    private static ApiCall.Step rollbackPrepared(Stage stage) throws Exception {
        Work work = prepared(stage);
        return () -> work.resource.rollback(work.xid);
    }

    private static ApiCall.Step recover(Stage stage) throws Exception {
        XAResource resource = stage.xaConnection().createXASession().getXAResource();
        return () -> resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN);
    }

    /** Of a branch that nobody has decided, so that the answer is an error too. */
    private static ApiCall.Step forget(Stage stage) throws Exception {
        XAResource resource = stage.xaConnection().createXASession().getXAResource();
        return () -> resource.forget(stage.xid());
    }

    /** What was done for the branch stays the branch's. */
    private static ApiCall.Step closeSession(Stage stage) throws Exception {
        Work work = begin(stage);
        return () -> {
            try {
                work.session.close();
            } finally {
                decide(work);
            }
        };
    }

    /** As a transaction manager does, which goes on whatever it is answered. */
    private static void decide(Work work) {
        try {
            work.resource.end(work.xid, XAResource.TMFAIL);
            work.resource.rollback(work.xid);
        } catch (XAException e) {
            // the connection is lost, and the branch with it
        }
    }

    /** The connection goes on in secret until its branches have ended. */
    private static ApiCall.Step closeConnection(Stage stage) throws Exception {
        XAConnection connection = stage.xaConnection();
        XASession session = connection.createXASession();
        XAResource resource = session.getXAResource();
        resource.start(stage.xid(), XAResource.TMNOFLAGS);
        session.createProducer(stage.target()).send(session.createTextMessage("sent"));
        stage.ledger().gone("sent");
        return () -> {
            connection.close();
            resource.end(stage.xid(), XAResource.TMFAIL);
            resource.rollback(stage.xid());
        };
    }
}
