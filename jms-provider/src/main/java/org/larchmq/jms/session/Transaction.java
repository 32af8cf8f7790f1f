package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.net.PendingSend;
import org.larchmq.jms.net.Transport;
import org.larchmq.jms.options.ClientOptions;
import org.larchmq.wire.BranchId;
import org.larchmq.wire.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.WireReader;
import org.larchmq.wire.WireWriter;
import org.larchmq.wire.XaFrames;

/**
 * A session's local transaction: its messages wait here, encoded, and leave with the acknowledgements in one COMMIT.
 * Above a size they are staged at the broker before. Belongs to the session's thread.
 *
 * <p>In a session for distributed transactions: the work for one branch at a time, between {@link #begin} and
 * {@link #handOver}.
 */
final class Transaction {
    private static final int KEEP_BYTES = 256 * 1024;

    private final LarchConnection connection;
    private final Transport transport;
    private final ClientOptions options;
    private final Acknowledger acknowledger;
    private final SessionInbox inbox;
    private final WireWriter messages = new WireWriter(4096);
    private final WireWriter acknowledgements = new WireWriter(256);
    private final List<PendingSend> staged = new ArrayList<>();
    private int count;
    private long id;
    private boolean refused;
    private volatile boolean active;

    /** @param active whether sends belong to it from the beginning on */
    Transaction(
            LarchConnection connection,
            Transport transport,
            Acknowledger acknowledger,
            SessionInbox inbox,
            boolean active) {
        this.connection = connection;
        this.transport = transport;
        this.options = connection.options();
        this.acknowledger = acknowledger;
        this.inbox = inbox;
        this.active = active;
        id = connection.nextTransactionId();
    }

    /** Whether what is sent belongs to a transaction. */
    boolean isActive() {
        return active;
    }

    /** Adds an encoded message. */
    void add(int handle, WireWriter message) throws JMSException {
        checkNotRefused();
        if (message.size() > Protocol.LARGE_MESSAGE_BYTES) {
            stageLarge(handle, message);
            return;
        }
        messages.putInt(handle).putInt(message.size()).putBytes(message.array(), 0, message.size());
        count++;
        if (messages.size() > Protocol.TRANSACTION_STAGE_BYTES) stage();
    }

    private void checkNotRefused() throws JMSException {
        if (refused)
            throw JmsErrors.illegalState("the broker has refused to commit the transaction; roll it back first");
    }

    /** Goes to the broker at once, behind the messages before it. */
    private void stageLarge(int handle, WireWriter message) throws JMSException {
        stage();
        PendingSend send = new PendingSend(null);
        transport
                .outbound()
                .appendLarge(send, handle, id, message.array(), message.size(), options.sendTimeoutMillis());
        staged.add(send);
        transport.outbound().flushSoon();
    }

    private void stage() throws JMSException {
        WireReader in = new WireReader(messages.toByteBuffer());
        while (in.remaining() > 0) {
            int handle = in.getInt();
            int size = in.getSize();
            PendingSend send = new PendingSend(null);
            transport
                    .outbound()
                    .appendSend(send, handle, id, messages.array(), in.position(), size, options.sendTimeoutMillis());
            staged.add(send);
            in.skip(size);
        }
        transport.outbound().flushSoon();
        forgetMessages();
    }

    /**
     * All or nothing, in one round trip.
     *
     * @throws jakarta.jms.TransactionRolledBackException when the broker does not know the transaction (any more)
     * @throws JMSException when the broker refused it: nothing of it has happened, and it can only be rolled back; or with
     *     the code OUTCOME_UNKNOWN when its answer was lost
     */
    void commit() throws JMSException {
        checkNotRefused();
        boolean hasAcknowledgements = encodeAcknowledgements();
        if (count == 0 && staged.isEmpty() && !hasAcknowledgements) return;
        awaitStaged();
        Frames.Reply reply = ask();
        if (reply.code() != ErrorCode.OK) {
            refused = true;
            throw JmsErrors.commitRefused(reply.code(), reply.text());
        }
        forget();
        forgetDelivered();
    }

    private boolean encodeAcknowledgements() {
        acknowledgements.clear();
        inbox.lock.lock();
        try {
            AckGroups groups = AckGroups.inside(acknowledgements);
            acknowledger.addDelivered(groups);
            groups.end();
        } finally {
            inbox.lock.unlock();
        }
        return acknowledgements.size() > Short.BYTES;
    }

    /** A message that could not be staged takes the transaction with it. */
    private void awaitStaged() throws JMSException {
        if (staged.isEmpty()) return;
        transport.outbound().flush();
        for (PendingSend send : staged) {
            if (!transport.await(send, options.sendTimeoutMillis())) {
                refused = true;
                throw JmsErrors.failed(
                        ClientError.TIMEOUT,
                        "the broker has not confirmed a message of the transaction within "
                                + options.sendTimeoutMillis() + " ms (sendTimeout); nothing is committed");
            }
            if (send.failure() == null) continue;
            refused = true;
            throw JmsErrors.again(send.failure());
        }
    }

    private Frames.Reply ask() throws JMSException {
        try {
            return transport.call(options.sendTimeoutMillis(), (requestId, out) -> {
                int mark = out.beginFrame(FrameType.COMMIT);
                out.putInt(requestId).putLong(id);
                out.putBytes(acknowledgements.array(), 0, acknowledgements.size());
                out.putInt(count).putBytes(messages.array(), 0, messages.size());
                out.endFrame(mark);
            });
        } catch (JMSException e) {
            forget();
            transport.fail(e); // its answer may come late; nobody must build on what is not known
            throw JmsErrors.failed(
                    ClientError.OUTCOME_UNKNOWN,
                    "the broker's answer to commit() was lost, so that the transaction may or may not be committed: "
                            + e.getMessage(),
                    e);
        }
    }

    // Work for a branch of a distributed transaction.

    /** The number under which the next branch's messages are staged. */
    long nextId() {
        forget();
        return id;
    }

    /** What is sent and received from now on belongs to the branch of this number. */
    void begin(long stagingId) {
        forget();
        id = stagingId;
        active = true;
        setAutomatic(false);
    }

    private void setAutomatic(boolean changedTo) {
        inbox.lock.lock();
        try {
            acknowledger.setAutomatic(changedTo);
        } finally {
            inbox.lock.unlock();
        }
    }

    /**
     * Ends the work: hands it over to its branch. What was received stays the session's when the broker does not take it.
     *
     * @param flags of XA_END
     * @return the broker's answer
     * @throws JMSException when there is none
     */
    Frames.Reply handOver(BranchId branch, int flags) throws JMSException {
        active = false;
        encodeAcknowledgements();
        setAutomatic(true);
        JMSException notStaged = null;
        try {
            awaitStaged();
        } catch (JMSException e) {
            notStaged = e;
        }
        int how = notStaged == null ? flags : flags | XaFrames.FAIL;
        Frames.Reply reply = hand(branch, how);
        forget();
        if (reply.code() == ErrorCode.OK) forgetDelivered();
        if (notStaged == null || reply.code() != ErrorCode.OK) return reply;
        return Frames.Reply.failed(0, ErrorCode.XA_ROLLED_BACK, notStaged.getMessage());
    }

    private Frames.Reply hand(BranchId branch, int flags) throws JMSException {
        try {
            return transport.call(options.sendTimeoutMillis(), (requestId, out) -> {
                int mark = out.beginFrame(FrameType.XA_END);
                branch.encode(out.putInt(requestId));
                out.putByte(flags);
                out.putBytes(acknowledgements.array(), 0, acknowledgements.size());
                out.putInt(count).putBytes(messages.array(), 0, messages.size());
                out.endFrame(mark);
            });
        } catch (JMSException e) {
            forget();
            transport.fail(e); // whether the work is the branch's is not known; without this connection it is nobody's
            throw e;
        }
    }

    private void forgetDelivered() throws JMSException {
        inbox.lock.lock();
        try {
            acknowledger.clearDelivered();
        } finally {
            inbox.lock.unlock();
        }
        acknowledger.flush();
    }

    /** Forgets the messages, also at the broker. What was received is not given back here. */
    void rollback() throws JMSException {
        boolean atBroker = !staged.isEmpty();
        long old = id;
        forget();
        if (!atBroker) return;
        Frames.Reply reply = transport.call(options.requestTimeoutMillis(), (requestId, out) -> {
            int mark = out.beginFrame(FrameType.ROLLBACK);
            out.putInt(requestId).putLong(old);
            out.endFrame(mark);
        });
        boolean gone = reply.code() == ErrorCode.OK || reply.code() == ErrorCode.TRANSACTION_UNKNOWN;
        if (!gone) throw JmsErrors.refused(reply.code(), reply.text());
    }

    private void forget() {
        forgetMessages();
        staged.clear();
        refused = false;
        id = connection.nextTransactionId();
    }

    private void forgetMessages() {
        messages.clear();
        messages.shrink(KEEP_BYTES);
        count = 0;
    }
}
