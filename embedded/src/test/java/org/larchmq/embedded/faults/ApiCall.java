package org.larchmq.embedded.faults;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.larchmq.wire.FrameType;

/**
 * A call of the API under test.
 *
 * @param name     what a table shows
 * @param at       frames that a fault hits, any of them; none when the call sends none, and is hit right before
 * @param answered whether the frame is answered
 * @param family   how it may end
 * @param options  of the URL, behind those of every call
 * @param again    whether the same call on the same objects must be possible, or say that the connection is lost, after it
 *                 has failed
 * @param script   what has to be there before, and the call
 */
record ApiCall(
        String name, Set<FrameType> at, boolean answered, Family family, String options, boolean again, Script script) {

    /** How calls may end; see {@link Endings}. */
    enum Family {
        /** Makes a connection. */
        CONNECT,
        /** Needs no answer of a broker, at most a usable connection. */
        LOCAL,
        /** Asks the broker for something that can be asked for again. */
        REQUEST,
        /** Ends a durable subscription. */
        UNSUBSCRIBE,
        /** Waits for a message. */
        RECEIVE,
        /** Stores a message. */
        SEND,
        /** Starts to send: what becomes of it is nobody's affair. */
        FORGET,
        /** Acknowledges. */
        ACKNOWLEDGE,
        /** Commits what was only sent. */
        COMMIT,
        /** Commits what was received, which is lost with the connection. */
        COMMIT_RECEIVED,
        /** Gives messages back. */
        GIVE_BACK,
        /** Closes. */
        CLOSE,
        /** A browser's snapshot, which ends with its connection. */
        BROWSE,
        /** A distributed transaction, whose connection is never restored. */
        XA
    }

    /** Makes everything ready. */
    interface Script {
        Step prepare(Stage stage) throws Exception;
    }

    /** The call. */
    interface Step {
        void run() throws Exception;
    }

    ApiCall {
        at = Set.copyOf(at);
    }

    static ApiCall of(String name, Family family, Script script) {
        return new ApiCall(name, Set.of(), false, family, "", family == Family.REQUEST, script);
    }

    /** Is hit at frames that are answered. */
    ApiCall at(FrameType first, FrameType... others) {
        return new ApiCall(name, EnumSet.of(first, others), true, family, options, again, script);
    }

    /** Is hit at frames that are not answered. */
    ApiCall atUnanswered(FrameType first, FrameType... others) {
        return new ApiCall(name, EnumSet.of(first, others), false, family, options, again, script);
    }

    ApiCall with(String moreOptions) {
        return new ApiCall(name, at, answered, family, moreOptions, again, script);
    }

    /** Must not be possible a second time, or means something else then. */
    ApiCall once() {
        return new ApiCall(name, at, answered, family, options, false, script);
    }

    boolean canMeet(Fault fault) {
        if (at.isEmpty()) return fault.needsNoFrame();
        return answered || fault.needsNoAnswer();
    }

    /** All of them. */
    static List<ApiCall> all() {
        return java.util.stream.Stream.of(
                        ConnectionCalls.all(),
                        ConsumerCalls.all(),
                        ReceivingCalls.all(),
                        SendingCalls.all(),
                        TransactionCalls.all(),
                        ContextCalls.all(),
                        XaCalls.all())
                .flatMap(List::stream)
                .toList();
    }
}
