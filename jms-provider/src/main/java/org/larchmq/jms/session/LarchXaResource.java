package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.net.Transport;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.XaFrames;

/**
 * A session's part in distributed transactions. Work is bound to the session and its connection; to prepare, commit, roll
 * back, recover and forget, any connection will do: when this one is gone, one is opened for the request. Safe from any
 * thread, one request at a time.
 */
final class LarchXaResource implements XAResource {
    private final LarchXaSession session;
    private final LarchXaConnection connection;
    private final Transport transport;
    private final XaElsewhere elsewhere;
    private final Map<BranchId, Long> suspended = new HashMap<>();
    private BranchId current;
    private long stagingId;
    private boolean handedOver;
    private BranchId last;
    private long workingThread;
    private int timeoutSeconds;

    LarchXaResource(LarchXaSession session, LarchXaConnection connection, Transport transport) {
        this.session = session;
        this.connection = connection;
        this.transport = transport;
        this.elsewhere = new XaElsewhere(connection.uri());
    }

    // Work.

    @Override
    public synchronized void start(Xid xid, int flags) throws XAException {
        BranchId branch = idOf(xid);
        if (current != null) {
            throw XaErrors.of(XAException.XAER_PROTO, "the session works for branch " + current + " already");
        }
        if (session.isClosed()) throw XaErrors.of(XAException.XAER_RMERR, "the session is closed");
        switch (flags) {
            case TMNOFLAGS, TMJOIN -> {
                stagingId = nextStagingId();
                int how = flags == TMJOIN ? XaFrames.JOIN : 0;
                int timeoutMillis = (int) Math.min(Integer.MAX_VALUE, timeoutSeconds * 1000L);
                expectOk(askHere((id, out) -> XaFrames.encodeStart(id, branch, how, stagingId, timeoutMillis, out)));
                // a branch that is joined is ended by the resource that has begun it, which keeps its own connection
                if (flags != TMJOIN) connection.branches().add(branch, transport);
            }
            case TMRESUME -> {
                Long staging = suspended.remove(branch);
                if (staging == null) throw unknown(branch);
                stagingId = staging;
            }
            default -> throw XaErrors.of(XAException.XAER_INVAL, "start with flags " + flags);
        }
        try {
            session.sender().exclusively(() -> {
                session.transaction().begin(stagingId);
                return null;
            });
        } catch (JMSException e) {
            throw XaErrors.lost(e);
        }
        current = branch;
        last = branch;
        workingThread = Thread.currentThread().getId();
        handedOver = false;
    }

    private long nextStagingId() throws XAException {
        try {
            return session.sender().exclusively(() -> session.transaction().nextId());
        } catch (JMSException e) {
            throw XaErrors.lost(e);
        }
    }

    /**
     * A transaction manager that ends a transaction by its time-out does so in a thread of its own: what the application
     * still does, believing itself inside, must not go out alone.
     */
    private void abandonUnlessWorking(BranchId branch) {
        boolean isOther = Thread.currentThread().getId() != workingThread;
        if (isOther && current == null && branch.equals(last))
            session.transaction().abandon();
    }

    @Override
    public synchronized void end(Xid xid, int flags) throws XAException {
        BranchId branch = idOf(xid);
        if (flags != TMSUCCESS && flags != TMFAIL && flags != TMSUSPEND) {
            throw XaErrors.of(XAException.XAER_INVAL, "end with flags " + flags);
        }
        boolean isCurrent = branch.equals(current);
        if (!isCurrent && !suspended.containsKey(branch)) {
            if (connection.branches().contains(branch)) {
                throw XaErrors.of(XAException.XAER_PROTO, "the session does not work for branch " + branch);
            }
            throw unknown(branch);
        }
        if (!isCurrent && flags == TMSUSPEND) {
            throw XaErrors.of(XAException.XAER_PROTO, "branch " + branch + " is suspended already");
        }
        int how = flags == TMFAIL ? XaFrames.FAIL : flags == TMSUSPEND ? XaFrames.SUSPEND : 0;
        if (isCurrent) current = null;
        if (flags == TMSUSPEND) suspended.put(branch, stagingId);
        else suspended.remove(branch);
        if (flags == TMFAIL) abandonUnlessWorking(branch);
        Frames.Reply reply = isCurrent && !handedOver ? handOver(branch, how) : endOnly(branch, how);
        if (!XaErrors.isOk(reply)) {
            giveBackQuietly();
            throw XaErrors.refused(reply);
        }
    }

    private Frames.Reply handOver(BranchId branch, int how) throws XAException {
        session.awaitCompletions();
        try {
            return session.sender().exclusively(() -> session.transaction().handOver(branch, how));
        } catch (JMSException e) {
            throw XaErrors.lost(e);
        }
    }

    private Frames.Reply endOnly(BranchId branch, int how) throws XAException {
        return askHere((requestId, out) -> {
            int mark = FrameType.XA_END.begin(out);
            branch.encode(out.putInt(requestId));
            out.putByte(how).putShort(0).putInt(0);
            FrameType.end(out, mark);
        });
    }

    /** What the broker did not take for the branch is still the session's: back with it, it was rolled back. */
    private void giveBackQuietly() {
        if (session.isClosed()) return;
        try {
            session.redelivery().returnAll();
        } catch (JMSException e) {
            transport.fail(e); // then the broker takes it back by itself
        }
    }

    /** The session is closed: its work until now is the branch's, its end may still be told. */
    synchronized void sessionEnds() throws JMSException {
        if (current == null || handedOver) return;
        handedOver = true;
        BranchId branch = current;
        Frames.Reply reply =
                session.sender().exclusively(() -> session.transaction().handOver(branch, XaFrames.SUSPEND));
        if (!XaErrors.isOk(reply)) giveBackQuietly();
    }

    // Ends.

    @Override
    public int prepare(Xid xid) throws XAException {
        BranchId branch = idOf(xid);
        Frames.Reply reply = endUnprepared(branch, (id, out) -> XaFrames.encode(FrameType.XA_PREPARE, id, branch, out));
        return reply.value() == XaFrames.READ_ONLY ? XA_RDONLY : XA_OK;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        BranchId branch = idOf(xid);
        int flags = onePhase ? XaFrames.ONE_PHASE : 0;
        Request request = (id, out) -> XaFrames.encodeCommit(id, branch, flags, out);
        if (onePhase) endUnprepared(branch, request);
        else expectOk(askAll(request));
    }

    /** A prepare, or a commit in one phase. */
    private Frames.Reply endUnprepared(BranchId branch, Request request) throws XAException {
        checkNotAssociated(branch);
        boolean worked = connection.branches().contains(branch);
        if (connection.branches().isLost(branch)) {
            connection.branches().remove(branch);
            throw XaErrors.of(
                    XAException.XA_RBCOMMFAIL,
                    "branch " + branch + " is rolled back: its connection was lost before it was prepared");
        }
        Frames.Reply reply = ask(request);
        if (reply.code() != ErrorCode.XA_PROTOCOL) connection.branches().remove(branch);
        if (worked && reply.code() == ErrorCode.XA_UNKNOWN) {
            throw XaErrors.of(XAException.XA_RBROLLBACK, "the broker has rolled back branch " + branch);
        }
        return expectOk(reply);
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        BranchId branch = idOf(xid);
        checkNotAssociated(branch);
        boolean worked = connection.branches().contains(branch);
        if (connection.branches().isLost(branch)) {
            connection.branches().remove(branch);
            return; // with its connection
        }
        synchronized (this) {
            abandonUnlessWorking(branch);
        }
        Frames.Reply reply = rollBack(branch);
        if (reply.code() != ErrorCode.XA_PROTOCOL) connection.branches().remove(branch);
        if (worked && reply.code() == ErrorCode.XA_UNKNOWN) return;
        if (reply.code() == ErrorCode.XA_UNKNOWN) reply = askOthers(request(FrameType.XA_ROLLBACK, branch), reply);
        expectOk(reply);
    }

    /** A session that is free gets its messages again in order, before those that it has in advance. */
    private Frames.Reply rollBack(BranchId branch) throws XAException {
        Request request = request(FrameType.XA_ROLLBACK, branch);
        boolean free;
        synchronized (this) {
            free = current == null && !session.isClosed() && transport.end() == null;
        }
        if (!free) return ask(request);
        Frames.Reply[] reply = new Frames.Reply[1];
        try {
            session.redelivery().returnAll(() -> reply[0] = call(transport, request));
            return reply[0];
        } catch (JMSException e) {
            throw XaErrors.lost(e);
        }
    }

    @Override
    public void forget(Xid xid) throws XAException {
        BranchId branch = idOf(xid);
        expectOk(askAll(request(FrameType.XA_FORGET, branch)));
    }

    private synchronized void checkNotAssociated(BranchId branch) throws XAException {
        if (branch.equals(current) || suspended.containsKey(branch)) {
            throw XaErrors.of(XAException.XAER_PROTO, "the work for branch " + branch + " has not ended");
        }
    }

    // Recovery.

    /** All branches of this user that are prepared or decided by an administrator, at the start of a scan. */
    @Override
    public Xid[] recover(int flags) throws XAException {
        if ((flags & ~(TMSTARTRSCAN | TMENDRSCAN)) != 0) {
            throw XaErrors.of(XAException.XAER_INVAL, "recover with flags " + flags);
        }
        if ((flags & TMSTARTRSCAN) == 0) return new Xid[0];
        List<Xid> found = new ArrayList<>();
        long after = 0;
        do {
            long page = after;
            Frames.Reply reply = expectOk(ask((id, out) -> XaFrames.encodeRecover(id, page, out)));
            addTo(found, reply);
            after = reply.value();
        } while (after != 0);
        if (elsewhere.hasOthers()) {
            Request first = (id, out) -> XaFrames.encodeRecover(id, 0, out);
            UUID here = transport.welcome().storeId();
            for (Frames.Reply reply : elsewhere.askEachOther(here, on -> call(on, first))) addTo(found, reply);
        }
        return found.toArray(Xid[]::new);
    }

    private static void addTo(List<Xid> found, Frames.Reply reply) {
        reply.name().lines().forEach(line -> found.add(new LarchXid(BranchId.parse(line))));
    }

    // Information.

    @Override
    public boolean isSameRM(XAResource other) {
        return other instanceof LarchXaResource that
                && transport.welcome().storeId().equals(that.transport.welcome().storeId())
                && connection.options().user().equals(that.connection.options().user());
    }

    @Override
    public synchronized int getTransactionTimeout() {
        return timeoutSeconds;
    }

    /** For branches that start from now on; 0 for none. The broker rolls back what is not prepared by then. */
    @Override
    public synchronized boolean setTransactionTimeout(int seconds) throws XAException {
        if (seconds < 0) throw XaErrors.of(XAException.XAER_INVAL, "a timeout of " + seconds + " s");
        timeoutSeconds = seconds;
        return true;
    }

    // Asking.

    private interface Request {
        void encode(int requestId, ByteWriter out);
    }

    private Frames.Reply call(Transport over, Request request) throws JMSException {
        return over.call(connection.options().sendTimeoutMillis(), request::encode);
    }

    private Frames.Reply askHere(Request request) throws XAException {
        try {
            if (transport.end() != null) throw JmsErrors.again(transport.end());
            return call(transport, request);
        } catch (JMSException e) {
            throw XaErrors.lost(e);
        }
    }

    /** Over this connection, or one for the purpose to the same store when this one is gone. */
    private Frames.Reply ask(Request request) throws XAException {
        if (transport.end() == null) return askHere(request);
        return elsewhere.askStore(transport.welcome().storeId(), on -> call(on, request));
    }

    /** The same; where the branch is not known, the other brokers of the URI are asked. */
    private Frames.Reply askAll(Request request) throws XAException {
        Frames.Reply reply = ask(request);
        return reply.code() == ErrorCode.XA_UNKNOWN ? askOthers(request, reply) : reply;
    }

    private Frames.Reply askOthers(Request request, Frames.Reply unknown) throws XAException {
        if (!elsewhere.hasOthers()) return unknown;
        return elsewhere.askOthers(transport.welcome().storeId(), unknown, on -> call(on, request));
    }

    private static Request request(FrameType type, BranchId branch) {
        return (id, out) -> XaFrames.encode(type, id, branch, out);
    }

    private static Frames.Reply expectOk(Frames.Reply reply) throws XAException {
        if (!XaErrors.isOk(reply)) throw XaErrors.refused(reply);
        return reply;
    }

    private static XAException unknown(BranchId branch) {
        return XaErrors.of(XAException.XAER_NOTA, "the session has not worked for branch " + branch);
    }

    private static BranchId idOf(Xid xid) throws XAException {
        if (xid == null) throw XaErrors.of(XAException.XAER_INVAL, "no Xid");
        try {
            return new BranchId(xid.getFormatId(), xid.getGlobalTransactionId(), xid.getBranchQualifier());
        } catch (IllegalArgumentException e) {
            throw XaErrors.of(XAException.XAER_INVAL, e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "LarchXaResource[" + transport.peer() + "]";
    }
}
