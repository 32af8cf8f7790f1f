package org.larchmq.embedded.faults;

/** What happens to the connection, at the frame that a call is hit at or, for a call without one, right before it. */
enum Fault {
    /** The frame does not arrive, and the connection is cut. */
    CUT_BEFORE(When.REQUEST, false),
    /** Half of the frame arrives, and the connection is cut. */
    CUT_INSIDE_REQUEST(When.REQUEST, false),
    /** The broker has answered, the connection is cut instead of passing the answer on. */
    CUT_BEFORE_ANSWER(When.ANSWER, false),
    /** Half of the answer arrives, and the connection is cut. */
    CUT_INSIDE_ANSWER(When.ANSWER, false),
    /** The frame and everything after it is swallowed, both ways and for ever, ends of connections too. */
    STALL(When.REQUEST, true),
    /** The same from the answer on. */
    STALL_AT_ANSWER(When.ANSWER, true),
    /** As STALL, and every later connection is a black hole as well. */
    DARK(When.REQUEST, true),
    /** As CUT_BEFORE, and every later connection is closed as soon as it is made. */
    GONE(When.REQUEST, false),
    /** The answer is swallowed, and everything else goes on. */
    SWALLOW(When.ANSWER, true),
    /** The answer comes when the call has ended. */
    LATE(When.ANSWER, true),
    /** As CUT_BEFORE, and later connections reach another broker with another store. */
    OTHER_STORE_BEFORE(When.REQUEST, false),
    /** As CUT_BEFORE_ANSWER, and later connections reach another broker with another store. */
    OTHER_STORE_AFTER(When.ANSWER, false);

    private enum When {
        REQUEST,
        ANSWER
    }

    private final When when;
    private final boolean silent;

    Fault(When when, boolean silent) {
        this.when = when;
        this.silent = silent;
    }

    /** Whether it waits for the answer to the frame. */
    boolean isAtAnswer() {
        return when == When.ANSWER;
    }

    /** Whether the client learns of it only because nothing comes. */
    boolean isSilent() {
        return silent;
    }

    /** Whether the broker cannot know that the client has closed its connection. */
    boolean isBlackHole() {
        return this == STALL || this == STALL_AT_ANSWER || this == DARK;
    }

    /** Whether a connection can never be restored afterwards. */
    boolean isForGood() {
        return this == DARK || this == GONE;
    }

    boolean isOtherStore() {
        return this == OTHER_STORE_BEFORE || this == OTHER_STORE_AFTER;
    }

    /** Whether it is something else than another fault for a client that does not fail over. */
    boolean needsFailover() {
        return isForGood() || isOtherStore();
    }

    /** Whether it can happen at a frame that is not answered, or at a frame of the broker. */
    boolean needsNoAnswer() {
        return !isAtAnswer();
    }

    /** Whether it can happen at a moment, without any frame. */
    boolean needsNoFrame() {
        return !isAtAnswer() && this != CUT_INSIDE_REQUEST;
    }
}
