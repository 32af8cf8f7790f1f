package org.larchmq.jms.error;

import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.MessageNotWriteableRuntimeException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.ResourceAllocationRuntimeException;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionInProgressRuntimeException;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.TransactionRolledBackRuntimeException;

/** The simplified API's unchecked counterpart of each exception; code and cause are kept. */
public final class Unchecked {
    private Unchecked() {}

    /** A step of the simplified API that the classic one answers with an exception. */
    @FunctionalInterface
    public interface Call<T> {
        T run() throws JMSException;
    }

    /** A step without a result. */
    @FunctionalInterface
    public interface Action {
        void run() throws JMSException;
    }

    public static <T> T get(Call<T> call) {
        try {
            return call.run();
        } catch (JMSException e) {
            throw of(e);
        }
    }

    public static void run(Action action) {
        try {
            action.run();
        } catch (JMSException e) {
            throw of(e);
        }
    }

    public static JMSRuntimeException of(JMSException e) {
        String reason = e.getMessage();
        String code = e.getErrorCode();
        if (e instanceof IllegalStateException) return new IllegalStateRuntimeException(reason, code, e);
        if (e instanceof InvalidClientIDException) return new InvalidClientIDRuntimeException(reason, code, e);
        if (e instanceof InvalidDestinationException) return new InvalidDestinationRuntimeException(reason, code, e);
        if (e instanceof InvalidSelectorException) return new InvalidSelectorRuntimeException(reason, code, e);
        if (e instanceof JMSSecurityException) return new JMSSecurityRuntimeException(reason, code, e);
        if (e instanceof MessageFormatException) return new MessageFormatRuntimeException(reason, code, e);
        if (e instanceof MessageNotWriteableException) return new MessageNotWriteableRuntimeException(reason, code, e);
        if (e instanceof ResourceAllocationException) return new ResourceAllocationRuntimeException(reason, code, e);
        if (e instanceof TransactionInProgressException) {
            return new TransactionInProgressRuntimeException(reason, code, e);
        }
        if (e instanceof TransactionRolledBackException) {
            return new TransactionRolledBackRuntimeException(reason, code, e);
        }
        return new JMSRuntimeException(reason, code, e);
    }
}
