package org.larchmq.jms.error;

import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionRolledBackException;
import org.larchmq.message.ErrorCode;

/**
 * Maps error codes onto the exceptions of the API. The broker's text becomes the reason, its code
 * {@code getErrorCode()}, and a {@link BrokerRefusal} the cause and the linked exception.
 */
public final class JmsErrors {
    private JmsErrors() {}

    /** What the broker answered to anything but a commit. */
    public static JMSException refused(ErrorCode code, String text) {
        return withCause(exception(code, text, code.text()), new BrokerRefusal(code, text));
    }

    /** What the broker answered to a commit: a transaction it does not know is one that was rolled back. */
    public static JMSException commitRefused(ErrorCode code, String text) {
        if (code != ErrorCode.TRANSACTION_UNKNOWN) return refused(code, text);
        return withCause(new TransactionRolledBackException(text, code.text()), new BrokerRefusal(code, text));
    }

    private static JMSException exception(ErrorCode code, String reason, String errorCode) {
        return switch (code) {
            case AUTHENTICATION, AUTHORIZATION -> new JMSSecurityException(reason, errorCode);
            case INVALID_CLIENT_ID -> new InvalidClientIDException(reason, errorCode);
            case INVALID_DESTINATION, SUBSCRIPTION_UNKNOWN -> new InvalidDestinationException(reason, errorCode);
            case INVALID_SELECTOR -> new InvalidSelectorException(reason, errorCode);
            case MESSAGE_TOO_LARGE, DISK_FULL, MEMORY_FULL, LIMIT_REACHED ->
                new ResourceAllocationException(reason, errorCode);
            case ILLEGAL_STATE, SUBSCRIPTION_IN_USE -> new IllegalStateException(reason, errorCode);
            default -> new JMSException(reason, errorCode);
        };
    }

    public static JMSException failed(ClientError error, String reason) {
        return new JMSException(reason, error.text());
    }

    public static JMSException failed(ClientError error, String reason, Throwable cause) {
        return withCause(new JMSException(reason, error.text()), cause);
    }

    public static IllegalStateException illegalState(String reason) {
        return new IllegalStateException(reason, ClientError.ILLEGAL_STATE.text());
    }

    /** A session's commit or rollback where a transaction manager decides. */
    public static TransactionInProgressException transactionInProgress(String reason) {
        return new TransactionInProgressException(reason, ClientError.ILLEGAL_STATE.text());
    }

    public static IllegalStateException closed(String what) {
        return new IllegalStateException("the " + what + " is closed", ClientError.CLOSED.text());
    }

    public static ResourceAllocationException exhausted(ClientError error, String reason) {
        return new ResourceAllocationException(reason, error.text());
    }

    public static MessageFormatException messageFormat(String reason) {
        return new MessageFormatException(reason, ClientError.MESSAGE_FORMAT.text());
    }

    public static InvalidDestinationException invalidDestination(String reason) {
        return new InvalidDestinationException(reason, ErrorCode.INVALID_DESTINATION.text());
    }

    public static JMSException illegalArgument(String reason) {
        return failed(ClientError.ILLEGAL_ARGUMENT, reason);
    }

    /** What was caught, for those who take exceptions only. */
    public static Exception asException(Throwable caught) {
        return caught instanceof Exception e ? e : new Exception(caught.toString(), caught);
    }

    /** Sets the cause and, as the API asks, the linked exception. */
    public static <E extends JMSException> E withCause(E exception, Throwable cause) {
        if (cause == null) return exception;
        exception.initCause(cause);
        exception.setLinkedException(cause instanceof Exception e ? e : new Exception(cause));
        return exception;
    }

    /**
     * The same failure as an exception of its own, so that each caller gets the stack trace of its own call. Used when
     * one event (a lost connection) fails many operations.
     */
    public static JMSException again(JMSException original) {
        JMSException copy = copyType(original);
        return withCause(copy, original);
    }

    private static JMSException copyType(JMSException original) {
        String reason = original.getMessage();
        String code = original.getErrorCode();
        if (original instanceof IllegalStateException) return new IllegalStateException(reason, code);
        if (original instanceof ResourceAllocationException) return new ResourceAllocationException(reason, code);
        if (original instanceof InvalidDestinationException) return new InvalidDestinationException(reason, code);
        if (original instanceof JMSSecurityException) return new JMSSecurityException(reason, code);
        if (original instanceof InvalidClientIDException) return new InvalidClientIDException(reason, code);
        if (original instanceof InvalidSelectorException) return new InvalidSelectorException(reason, code);
        if (original instanceof MessageFormatException) return new MessageFormatException(reason, code);
        if (original instanceof TransactionRolledBackException) return new TransactionRolledBackException(reason, code);
        if (original instanceof TransactionInProgressException) return new TransactionInProgressException(reason, code);
        return new JMSException(reason, code);
    }
}
