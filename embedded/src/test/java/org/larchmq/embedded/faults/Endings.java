package org.larchmq.embedded.faults;

import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.TransactionRolledBackRuntimeException;
import java.util.Set;
import java.util.TreeSet;
import javax.transaction.xa.XAException;
import org.larchmq.embedded.faults.ApiCall.Family;

/** How a call may end, as docs/timeouts.md has it: with success, or with an exception of a certain error code. */
final class Endings {
    static final String OK = "OK";
    static final String NOTHING = "NOTHING";
    static final String ROLLED_BACK = "ROLLED_BACK";
    private static final String TIMEOUT = "TIMEOUT";
    private static final String LOST = "CONNECTION_LOST";
    private static final String UNKNOWN = "OUTCOME_UNKNOWN";
    private static final String CONNECT = "CONNECT";
    private static final String CLOSED = "CLOSED";
    private static final String RMFAIL = "XAER_RMFAIL";

    private static final String NO_SUBSCRIPTION = "INVALID_DESTINATION";
    private static final Set<String> CLOSED_IN_ANY_CASE = Set.of(OK, UNKNOWN, LOST, TIMEOUT);

    private Endings() {}

    /** There was no message in time. */
    static final class NothingReceived extends Exception {
        private static final long serialVersionUID = 1;
    }

    /** The name of an ending. */
    static String of(Throwable thrown) {
        if (thrown == null) return OK;
        if (thrown instanceof NothingReceived) return NOTHING;
        if (thrown instanceof TransactionRolledBackException || thrown instanceof TransactionRolledBackRuntimeException)
            return ROLLED_BACK;
        if (thrown instanceof JMSException e) return code(e.getErrorCode(), e);
        if (thrown instanceof JMSRuntimeException e) return code(e.getErrorCode(), e);
        if (thrown instanceof XAException e) return xa(e);
        return thrown.getClass().getSimpleName();
    }

    private static String code(String text, Throwable thrown) {
        if (thrown instanceof InvalidClientIDException || thrown instanceof InvalidClientIDRuntimeException) {
            return "INVALID_CLIENT_ID";
        }
        if (thrown instanceof InvalidDestinationException || thrown instanceof InvalidDestinationRuntimeException) {
            return NO_SUBSCRIPTION;
        }
        if (text == null || !text.startsWith("LARCH-")) return thrown.getClass().getSimpleName() + " without a code";
        return text.substring(text.indexOf('-', "LARCH-".length()) + 1);
    }

    private static String xa(XAException e) {
        if (e.errorCode == XAException.XAER_RMFAIL) return RMFAIL;
        if (e.errorCode == XAException.XAER_NOTA) return "XAER_NOTA";
        if (e.errorCode >= XAException.XA_RBBASE && e.errorCode <= XAException.XA_RBEND) return ROLLED_BACK;
        return "XA" + e.errorCode;
    }

    /** Which endings are right. */
    static Set<String> allowed(Family family, Fault fault, boolean failsOver) {
        Set<String> restored = failsOver && family != Family.XA ? failingOver(family, fault) : once(family, fault);
        return new TreeSet<>(restored);
    }

    /** Over one connection, which is lost. */
    private static Set<String> once(Family family, Fault fault) {
        boolean silent = fault.isSilent();
        return switch (family) {
            case CONNECT -> Set.of(CONNECT);
            case LOCAL -> Set.of(OK, LOST);
            case REQUEST, UNSUBSCRIBE, GIVE_BACK, BROWSE -> silent ? Set.of(TIMEOUT, LOST) : Set.of(LOST);
            case RECEIVE -> Set.of(LOST);
            case SEND, COMMIT -> silent ? Set.of(UNKNOWN, LOST) : Set.of(UNKNOWN, LOST);
            case COMMIT_RECEIVED -> silent ? Set.of(UNKNOWN, TIMEOUT) : Set.of(UNKNOWN, LOST);
            case FORGET -> Set.of(OK, LOST);
            case ACKNOWLEDGE -> silent ? Set.of(UNKNOWN, TIMEOUT, LOST) : Set.of(UNKNOWN, LOST);
            case CLOSE -> CLOSED_IN_ANY_CASE;
            case XA -> Set.of(RMFAIL, ROLLED_BACK);
        };
    }

    /** Over a connection that is restored, or for ever in the way of being restored. */
    private static Set<String> failingOver(Family family, Fault fault) {
        if (fault.isForGood()) return forGood(family);
        boolean silent = fault.isSilent();
        boolean other = fault.isOtherStore();
        return switch (family) {
            case CONNECT -> Set.of(OK, CONNECT);
            case LOCAL, FORGET -> Set.of(OK);
            case REQUEST -> silent ? Set.of(OK, TIMEOUT) : Set.of(OK);
            case UNSUBSCRIBE -> other ? Set.of(OK, NO_SUBSCRIPTION) : silent ? Set.of(OK, TIMEOUT) : Set.of(OK);
            case GIVE_BACK -> silent ? Set.of(OK, TIMEOUT, LOST) : Set.of(OK);
            case BROWSE -> Set.of(OK, LOST, TIMEOUT);
            case RECEIVE -> other ? Set.of(NOTHING) : Set.of(OK);
            case SEND -> silent || other ? Set.of(OK, UNKNOWN) : Set.of(OK);
            case COMMIT -> silent || other ? Set.of(OK, UNKNOWN, ROLLED_BACK) : Set.of(OK, ROLLED_BACK);
            case COMMIT_RECEIVED ->
                silent || other ? Set.of(OK, UNKNOWN, ROLLED_BACK, TIMEOUT) : Set.of(OK, ROLLED_BACK);
            case ACKNOWLEDGE -> Set.of(OK, UNKNOWN, LOST, TIMEOUT);
            case CLOSE -> CLOSED_IN_ANY_CASE;
            case XA -> Set.of(RMFAIL);
        };
    }

    private static Set<String> forGood(Family family) {
        return switch (family) {
            case CONNECT -> Set.of(CONNECT);
            case LOCAL, FORGET -> Set.of(OK, TIMEOUT, LOST);
            case REQUEST, UNSUBSCRIBE, GIVE_BACK, BROWSE -> Set.of(OK, TIMEOUT, LOST);
            case RECEIVE -> Set.of(NOTHING);
            case SEND, COMMIT -> Set.of(UNKNOWN, TIMEOUT);
            case COMMIT_RECEIVED -> Set.of(UNKNOWN, TIMEOUT, ROLLED_BACK);
            case ACKNOWLEDGE -> Set.of(UNKNOWN, LOST, TIMEOUT);
            case CLOSE -> CLOSED_IN_ANY_CASE;
            case XA -> Set.of(RMFAIL);
        };
    }

    /** How an object may end when everything is closed: it is closed in any case. */
    static Set<String> allowedAtClose() {
        return CLOSED_IN_ANY_CASE;
    }

    /** How the same call may end when it is made again after it has failed: never with "in use". */
    static Set<String> allowedAgain(Fault fault, boolean failsOver) {
        if (fault.isForGood()) return Set.of(TIMEOUT, LOST, CLOSED);
        if (fault.isBlackHole()) return Set.of(OK, TIMEOUT, LOST, CLOSED); // a heartbeat ends it later
        return failsOver ? Set.of(OK) : Set.of(OK, LOST, CLOSED);
    }
}
