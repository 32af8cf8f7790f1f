package org.larchmq.bench.rig;

import java.util.HexFormat;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;

/**
 * A resource between the transaction manager and the provider's: writes down what is asked and answered, and strikes. Each
 * is a resource manager of its own, so that a transaction has as many branches as probes.
 */
final class XaProbe implements XAResource {
    private final XAResource resource;
    private final HistoryWriter history;
    private final String session;
    private final XaStrike strike;
    private final boolean first;
    private String tx;

    /**
     * @param session whose work the branch is; null in recovery
     * @param strike  null in recovery
     * @param first   whether it is the transaction's first resource
     */
    XaProbe(XAResource resource, HistoryWriter history, String session, XaStrike strike, boolean first) {
        this.resource = resource;
        this.history = history;
        this.session = session;
        this.strike = strike;
        this.first = first;
    }

    /** Names a branch in the history. */
    static String txOf(Xid xid) {
        HexFormat hex = HexFormat.of();
        return hex.formatHex(xid.getGlobalTransactionId()) + ":" + hex.formatHex(xid.getBranchQualifier());
    }

    /** The branch it works for. */
    String tx() {
        return tx;
    }

    private void at(KillPoint point) {
        if (strike != null) strike.at(point);
    }

    private void write(Op op, Phase phase, Xid xid, XAException why) {
        String note = why == null ? null : "XA error " + why.errorCode + ": " + why.getMessage();
        history.write(HistoryRecord.of(op, phase)
                .session(session)
                .tx(txOf(xid))
                .note(note)
                .build());
    }

    private static Phase phaseOf(XAException e) {
        return e.errorCode == XAException.XAER_RMFAIL ? Phase.INFO : Phase.FAIL;
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        if (first) at(KillPoint.BEFORE_START);
        tx = txOf(xid);
        resource.start(xid, flags);
        if (first) at(KillPoint.AFTER_START);
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        if (first) at(KillPoint.BEFORE_END);
        resource.end(xid, flags);
        if (first) at(KillPoint.AFTER_END);
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        at(first ? KillPoint.BEFORE_FIRST_PREPARE : KillPoint.BEFORE_SECOND_PREPARE);
        write(Op.PREPARE, Phase.INVOKE, xid, null);
        int vote;
        try {
            vote = resource.prepare(xid);
        } catch (XAException e) {
            write(Op.PREPARE, phaseOf(e), xid, e);
            throw e;
        }
        write(Op.PREPARE, Phase.OK, xid, null);
        at(first ? KillPoint.AFTER_FIRST_PREPARE : KillPoint.AFTER_SECOND_PREPARE);
        return vote;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        at(first ? KillPoint.BEFORE_FIRST_COMMIT : KillPoint.BEFORE_SECOND_COMMIT);
        write(Op.COMMIT, Phase.INVOKE, xid, null);
        try {
            resource.commit(xid, onePhase);
        } catch (XAException e) {
            write(Op.COMMIT, phaseOf(e), xid, e);
            throw e;
        }
        write(Op.COMMIT, Phase.OK, xid, null);
        at(first ? KillPoint.AFTER_FIRST_COMMIT : KillPoint.AFTER_SECOND_COMMIT);
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        write(Op.ROLLBACK, Phase.INVOKE, xid, null);
        try {
            resource.rollback(xid);
        } catch (XAException e) {
            write(Op.ROLLBACK, phaseOf(e), xid, e);
            throw e;
        }
        write(Op.ROLLBACK, Phase.OK, xid, null);
    }

    @Override
    public void forget(Xid xid) throws XAException {
        resource.forget(xid);
    }

    @Override
    public Xid[] recover(int flag) throws XAException {
        return resource.recover(flag);
    }

    @Override
    public boolean isSameRM(XAResource other) {
        return other == this;
    }

    @Override
    public int getTransactionTimeout() throws XAException {
        return resource.getTransactionTimeout();
    }

    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        return resource.setTransactionTimeout(seconds);
    }
}
