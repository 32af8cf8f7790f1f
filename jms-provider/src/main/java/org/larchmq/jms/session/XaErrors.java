package org.larchmq.jms.session;

import javax.transaction.xa.XAException;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.Frames;
import org.larchmq.wire.XaFrames;

/** What the broker answered, or did not answer, as the exceptions of the XA interface. */
final class XaErrors {
    private XaErrors() {}

    static XAException of(int code, String text, Throwable cause) {
        XAException exception = new XAException(text);
        exception.errorCode = code;
        if (cause != null) exception.initCause(cause);
        return exception;
    }

    static XAException of(int code, String text) {
        return of(code, text, null);
    }

    /** The connection was lost, and what was asked may or may not have happened. */
    static XAException lost(Exception cause) {
        return of(XAException.XAER_RMFAIL, cause.getMessage(), cause);
    }

    static XAException refused(Frames.Reply reply) {
        return of(code(reply), reply.code().text() + ": " + reply.text());
    }

    private static int code(Frames.Reply reply) {
        return switch (reply.code()) {
            case XA_UNKNOWN -> XAException.XAER_NOTA;
            case XA_DUPLICATE -> XAException.XAER_DUPID;
            case XA_PROTOCOL, ILLEGAL_STATE -> XAException.XAER_PROTO;
            case XA_ROLLED_BACK ->
                reply.value() == XaFrames.TIMED_OUT ? XAException.XA_RBTIMEOUT : XAException.XA_RBROLLBACK;
            case XA_HEURISTIC -> reply.value() == XaFrames.COMMITTED ? XAException.XA_HEURCOM : XAException.XA_HEURRB;
            case STOPPING -> XAException.XAER_RMFAIL;
            default -> XAException.XAER_RMERR;
        };
    }

    static boolean isOk(Frames.Reply reply) {
        return reply.code() == ErrorCode.OK;
    }
}
