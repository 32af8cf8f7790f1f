package org.larchmq.jms.session;

import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.net.PendingSend;
import org.larchmq.jms.net.Transport;
import org.larchmq.jms.options.ClientOptions;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.SendLargeFrame;
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
    private final Link link;
    private final ClientOptions options;
    private final Acknowledger acknowledger;
    private final SessionInbox inbox;
    private final ByteWriter messages = new ByteWriter(4096);
    private final ByteWriter acknowledgements = new ByteWriter(256);
    private final List<PendingSend> staged = new ArrayList<>();
    private final List<LarchDestination> destinations = new ArrayList<>();
    private Transport handlesOf;
    private Transport stagedOn;
    private ProducerIdentity producer;
    private int count;
    private long id;
    private boolean refused;
    private volatile boolean active;

    /** @param active whether sends belong to it from the beginning on */
    Transaction(LarchConnection connection, Acknowledger acknowledger, SessionInbox inbox, boolean active) {
        this.connection = connection;
        this.link = connection.link();
        this.options = connection.options();
        this.acknowledger = acknowledger;
        this.inbox = inbox;
        this.active = active;
        id = connection.nextTransactionId();
    }

    /** The session's identity, under which its commits can be asked for. */
    void setProducer(ProducerIdentity identity) {
        producer = identity;
    }

    /** Whether what is sent belongs to a transaction. @throws JMSException when it would, had it not been abandoned */
    boolean takesSends() throws JMSException {
        boolean wasActive = active; // first: a transaction is abandoned before it ends
        checkNotAbandoned();
        return wasActive;
    }

    /** The same when the session has found it so a moment ago. */
    void checkTakesSends() throws JMSException {
        checkNotAbandoned();
        if (!active) throw rolledBack("its transaction manager has ended it meanwhile");
    }

    /** @throws JMSException when the session's work was ended behind its back, and what it does would stand alone */
    void checkNotAbandoned() throws JMSException {
        if (inbox.isAbandoned()) throw abandoned();
    }

    /** The transaction manager has ended the work for a branch while the application may still be at it. */
    void abandon() {
        inbox.abandoned(true);
    }

    static JMSException abandoned() {
        return rolledBack("its transaction manager has rolled it back, for example by its time-out, while the"
                + " application worked for it; end the transaction and begin another");
    }

    /** Adds an encoded message. */
    void add(LarchDestination destination, int handle, ByteWriter message) throws JMSException {
        checkNotRefused();
        if (message.size() > Protocol.LARGE_MESSAGE_BYTES) {
            stageLarge(destination, handle, message);
            return;
        }
        if (destinations.isEmpty()) handlesOf = link.transport();
        destinations.add(destination);
        messages.putInt(handle).putInt(message.size()).putBytes(message.array(), 0, message.size());
        count++;
        if (messages.size() > Protocol.TRANSACTION_STAGE_BYTES) stage();
    }

    private void checkNotRefused() throws JMSException {
        if (refused)
            throw JmsErrors.illegalState("the broker has refused to commit the transaction; roll it back first");
    }

    /** Goes to the broker at once, behind the messages before it. */
    private void stageLarge(LarchDestination destination, int handle, ByteWriter message) throws JMSException {
        stage();
        Transport on = link.usable();
        if (isStagedElsewhere(on)) return;
        if (!connection.takesCompressed(on)) checkCompression(message.toByteBuffer(), 0, on);
        stagedOn = on;
        producer.declareOn(on);
        int there = link.failsOver() ? connection.handle(destination) : handle;
        if (destination.kind().isTemporary())
            there = renewed(on, Set.of(destination)).getOrDefault(destination, there);
        PendingSend send = new PendingSend(null);
        try {
            on.outbound()
                    .appendLarge(
                            send,
                            there,
                            id,
                            SendLargeFrame.NOT_SENT_BEFORE,
                            message.array(),
                            message.size(),
                            options.sendTimeoutMillis());
            staged.add(send);
        } catch (JMSException e) {
            if (!link.isRestored(on)) throw e; // otherwise commit says that it is lost
        }
        on.outbound().flushSoon();
    }

    private void stage() throws JMSException {
        Transport on = link.usable();
        if (isStagedElsewhere(on)) return; // it can only be rolled back, and commit says so
        checkCompressions(on);
        resolveHandles(on);
        renewTemporaries(on);
        ByteReader in = new ByteReader(messages.toByteBuffer());
        try {
            producer.declareOn(on);
            while (in.remaining() > 0) {
                int handle = in.getInt();
                int size = in.getSize();
                PendingSend send = new PendingSend(null);
                on.outbound()
                        .appendSend(
                                send, handle, id, messages.array(), in.position(), size, options.sendTimeoutMillis());
                staged.add(send);
                stagedOn = on;
                in.skip(size);
            }
        } catch (JMSException e) {
            if (!link.isRestored(on)) throw e;
            stagedOn = on; // is lost
        }
        on.outbound().flushSoon();
        forgetMessages();
    }

    private boolean isStagedElsewhere(Transport on) {
        return stagedOn != null && stagedOn != on;
    }

    /** The messages may have been added when the connection had another transport, perhaps to another broker. */
    private void resolveHandles(Transport on) throws JMSException {
        if (destinations.isEmpty() || handlesOf == on) return;
        ByteReader in = new ByteReader(messages.toByteBuffer());
        for (LarchDestination destination : destinations) {
            messages.patchInt(in.position(), connection.handle(destination));
            in.getInt();
            in.skip(in.getSize());
        }
        handlesOf = on;
    }

    /**
     * Gives the messages the numbers that their temporary destinations have now: whoever made one has made it again after
     * losing its connection.
     */
    private void renewTemporaries(Transport on) {
        Set<LarchDestination> temporaries = new HashSet<>();
        for (LarchDestination destination : destinations) {
            if (destination.kind().isTemporary()) temporaries.add(destination);
        }
        if (!temporaries.isEmpty()) renewHandles(on, temporaries);
    }

    /**
     * Gives the messages the numbers that these destinations have now.
     *
     * @return whether any has another number than before
     */
    private boolean renewHandles(Transport on, Set<LarchDestination> some) {
        Map<LarchDestination, Integer> now = renewed(on, some);
        boolean changed = false;
        ByteReader in = new ByteReader(messages.toByteBuffer());
        for (LarchDestination destination : destinations) {
            int at = in.position();
            int before = in.getInt();
            int handle = now.getOrDefault(destination, before);
            if (handle != before) messages.patchInt(at, handle);
            changed |= handle != before;
            in.skip(in.getSize());
        }
        return changed;
    }

    /** What is gone is not in the answer: what is sent there is refused. The same when the transport is lost. */
    private Map<LarchDestination, Integer> renewed(Transport on, Set<LarchDestination> some) {
        try {
            return connection.knownDestinations().renewed(on, some);
        } catch (JMSException e) {
            return Map.of(); // the transaction's own frames tell what is wrong
        }
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
        Transport on = link.usable();
        if (link.failsOver()) checkNotLost(on);
        resolveHandles(on);
        boolean hasAcknowledgements = encodeAcknowledgements(on);
        if (link.failsOver()) checkNotLost(on); // what was received may be gone since: half of a unit is not committed
        if (count == 0 && staged.isEmpty() && !hasAcknowledgements) return;
        awaitStaged(on);
        if (!staged.isEmpty()) renewTemporaries(on); // a refusal would take what is staged with it
        commit(on);
        forget();
        forgetDelivered(on);
    }

    /** What was received or staged on a transport that is lost cannot be committed on another. */
    private void checkNotLost(Transport on) throws JMSException {
        if (inbox.takeUnitLost() || isStagedElsewhere(on)) throw rolledBack("its connection was lost before commit()");
        checkCompressions(on);
    }

    /** Messages may have been compressed for the broker before, and this one does not take them so. */
    private void checkCompressions(Transport on) throws JMSException {
        if (connection.takesCompressed(on)) return;
        ByteBuffer all = messages.toByteBuffer();
        ByteReader in = new ByteReader(all);
        while (in.remaining() > 0) {
            in.getInt();
            int size = in.getSize();
            checkCompression(all, in.position(), on);
            in.skip(size);
        }
    }

    private static void checkCompression(ByteBuffer message, int at, Transport on) throws JMSException {
        if (!MessageLayout.isCompressed(message, at)) return;
        throw rolledBack("the broker at " + on.peer() + " does not take compressed messages");
    }

    private static JMSException rolledBack(String why) {
        return new TransactionRolledBackException(
                "the transaction is rolled back: " + why
                        + "; its messages are delivered again, send what it sent once more",
                ErrorCode.TRANSACTION_UNKNOWN.text());
    }

    private void commit(Transport on) throws JMSException {
        Frames.Reply reply;
        try {
            reply = ask(on);
            boolean maybeElsewhere = reply.code() == ErrorCode.INVALID_DESTINATION && staged.isEmpty();
            if (maybeElsewhere && renewHandles(on, Set.copyOf(destinations)))
                reply = ask(on); // nothing of it has happened
        } catch (JMSException e) {
            on.fail(e); // its answer may come late; nobody must build on what is not known
            if (!link.isRestored(on)) throw unknown(e);
            askForOutcome(on);
            return;
        }
        if (reply.code() == ErrorCode.OK) return;
        refused = true;
        forgetIfGone(reply.code());
        throw JmsErrors.commitRefused(reply.code(), reply.text());
    }

    private JMSException unknown(JMSException why) {
        forget();
        return JmsErrors.failed(
                ClientError.OUTCOME_UNKNOWN,
                "the broker's answer to commit() was lost, so that the transaction may or may not be committed: "
                        + why.getMessage(),
                why);
    }

    /** Returns when the transaction is committed. */
    private void askForOutcome(Transport lost) throws JMSException {
        Frames.Reply reply;
        try {
            reply = outcome(lost);
        } catch (JMSException e) {
            inbox.takeUnitLost(); // the unit is over, whatever became of it
            throw unknown(e);
        }
        inbox.takeUnitLost(); // either way this unit is decided
        if (reply.value() == Frames.TransactionOutcome.COMMITTED) return;
        if (reply.value() == Frames.TransactionOutcome.NOT_COMMITTED) {
            throw rolledBack("the connection was lost in commit(), and the broker has not committed it");
        }
        throw unknown(JmsErrors.refused(ErrorCode.OUTCOME_FORGOTTEN, "the broker does not remember the transaction"));
    }

    /** What the store that was asked to commit says, over whichever connections it takes. */
    private Frames.Reply outcome(Transport lost) throws JMSException {
        long since = lost.welcome().position();
        long number = id;
        while (true) {
            Transport on = link.usable();
            if (!on.welcome().storeId().equals(lost.welcome().storeId())) {
                throw JmsErrors.failed(
                        ClientError.OUTCOME_UNKNOWN,
                        "the connection was restored with " + on.peer()
                                + ", which has another store and cannot know; ask at the broker that was there before");
            }
            try {
                Frames.Reply reply = on.call(options.requestTimeoutMillis(), (requestId, out) -> {
                    producer.encodeDeclaration(out);
                    new Frames.TransactionOutcome(requestId, producer.id(), number, since).encode(out);
                });
                if (reply.code() != ErrorCode.OK) throw JmsErrors.refused(reply.code(), reply.text());
                return reply;
            } catch (JMSException e) {
                if (!link.isRestored(on)) throw e;
            }
        }
    }

    private boolean encodeAcknowledgements(Transport on) throws JMSException {
        acknowledgements.clear();
        inbox.lock.lock();
        try {
            AckGroups groups = AckGroups.inside(acknowledgements);
            if (acknowledger.isOn(on)) acknowledger.addDelivered(groups);
            groups.end();
        } finally {
            inbox.lock.unlock();
        }
        return acknowledgements.size() > Short.BYTES;
    }

    /** A message that could not be staged takes the transaction with it. */
    private void awaitStaged(Transport on) throws JMSException {
        if (staged.isEmpty()) return;
        on.outbound().flush();
        for (PendingSend send : staged) {
            if (!on.await(send, options.sendTimeoutMillis())) {
                refused = true;
                throw JmsErrors.failed(
                        ClientError.TIMEOUT,
                        "the broker has not confirmed a message of the transaction within "
                                + options.sendTimeoutMillis() + " ms (sendTimeout); nothing is committed");
            }
            if (send.failure() == null) continue;
            if (send.failure() == on.end() && link.isRestored(on)) {
                throw rolledBack("its connection was lost before commit()");
            }
            refused = true;
            if (send.failure() instanceof InvalidDestinationException) forgetIfGone(ErrorCode.INVALID_DESTINATION);
            throw JmsErrors.again(send.failure());
        }
    }

    /** So that the next transaction asks for its destinations again. */
    private void forgetIfGone(ErrorCode why) {
        if (why == ErrorCode.INVALID_DESTINATION || why == ErrorCode.XA_ROLLED_BACK) {
            connection.knownDestinations().mayBeGone();
        }
    }

    private Frames.Reply ask(Transport on) throws JMSException {
        producer.declareOn(on);
        return on.call(options.sendTimeoutMillis(), (requestId, out) -> {
            int mark = (link.failsOver() ? FrameType.COMMIT_NAMED : FrameType.COMMIT).begin(out);
            if (link.failsOver()) out.putLong(producer.id());
            out.putInt(requestId).putLong(id);
            out.putBytes(acknowledgements.array(), 0, acknowledgements.size());
            out.putInt(count).putBytes(messages.array(), 0, messages.size());
            FrameType.end(out, mark);
        });
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
        inbox.abandoned(false);
        active = true;
        setAutomatic(false);
    }

    private void setAutomatic(boolean changedTo) {
        inbox.lock.lock();
        try {
            acknowledger.setAutomatic(changedTo);
            if (!changedTo) inbox.enlistCurrent();
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
        Transport on = link.usable();
        renewTemporaries(on);
        encodeAcknowledgements(on);
        setAutomatic(true);
        JMSException notStaged = null;
        try {
            awaitStaged(on);
        } catch (JMSException e) {
            notStaged = e;
        }
        int how = notStaged == null ? flags : flags | XaFrames.FAIL;
        Frames.Reply reply = hand(on, branch, how);
        forget();
        forgetIfGone(reply.code());
        if (reply.code() == ErrorCode.OK) forgetDelivered(on);
        if (notStaged == null || reply.code() != ErrorCode.OK) return reply;
        return Frames.Reply.failed(0, ErrorCode.XA_ROLLED_BACK, notStaged.getMessage());
    }

    private Frames.Reply hand(Transport on, BranchId branch, int flags) throws JMSException {
        try {
            producer.declareOn(on);
            return on.call(options.sendTimeoutMillis(), (requestId, out) -> {
                int mark = FrameType.XA_END.begin(out);
                branch.encode(out.putInt(requestId));
                out.putByte(flags);
                out.putBytes(acknowledgements.array(), 0, acknowledgements.size());
                out.putInt(count).putBytes(messages.array(), 0, messages.size());
                FrameType.end(out, mark);
            });
        } catch (JMSException e) {
            forget();
            on.fail(e); // whether the work is the branch's is not known; without this connection it is nobody's
            throw e;
        }
    }

    private void forgetDelivered(Transport on) throws JMSException {
        inbox.lock.lock();
        try {
            if (acknowledger.isOn(on)) acknowledger.clearDelivered();
        } finally {
            inbox.lock.unlock();
        }
        acknowledger.flush();
    }

    /** Forgets the messages, also at the broker. What was received is not given back here. */
    void rollback() throws JMSException {
        rollback(options.requestTimeoutMillis());
    }

    void rollback(int timeoutMillis) throws JMSException {
        Transport on = stagedOn;
        long old = id;
        forget();
        if (on == null || link.isRestored(on)) return;
        Frames.Reply reply;
        try {
            reply = on.call(timeoutMillis, (requestId, out) -> {
                int mark = FrameType.ROLLBACK.begin(out);
                out.putInt(requestId).putLong(old);
                FrameType.end(out, mark);
            });
        } catch (JMSException e) {
            if (link.isRestored(on)) return;
            throw e;
        }
        boolean gone = reply.code() == ErrorCode.OK || reply.code() == ErrorCode.TRANSACTION_UNKNOWN;
        if (!gone) throw JmsErrors.refused(reply.code(), reply.text());
    }

    private void forget() {
        forgetMessages();
        staged.clear();
        stagedOn = null;
        refused = false;
        id = connection.nextTransactionId();
    }

    private void forgetMessages() {
        messages.clear();
        messages.shrink(KEEP_BYTES);
        destinations.clear();
        count = 0;
    }
}
