package org.larchmq.jms.error;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionRolledBackException;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ErrorCode;

class JmsErrorsTest {
    private static final Map<ErrorCode, Class<? extends JMSException>> SPECIAL = new EnumMap<>(Map.ofEntries(
            Map.entry(ErrorCode.MESSAGE_TOO_LARGE, ResourceAllocationException.class),
            Map.entry(ErrorCode.DISK_FULL, ResourceAllocationException.class),
            Map.entry(ErrorCode.MEMORY_FULL, ResourceAllocationException.class),
            Map.entry(ErrorCode.LIMIT_REACHED, ResourceAllocationException.class),
            Map.entry(ErrorCode.INVALID_DESTINATION, InvalidDestinationException.class),
            Map.entry(ErrorCode.AUTHENTICATION, JMSSecurityException.class),
            Map.entry(ErrorCode.AUTHORIZATION, JMSSecurityException.class),
            Map.entry(ErrorCode.INVALID_CLIENT_ID, InvalidClientIDException.class),
            Map.entry(ErrorCode.INVALID_SELECTOR, InvalidSelectorException.class),
            Map.entry(ErrorCode.ILLEGAL_STATE, IllegalStateException.class),
            Map.entry(ErrorCode.SUBSCRIPTION_IN_USE, IllegalStateException.class),
            Map.entry(ErrorCode.SUBSCRIPTION_UNKNOWN, InvalidDestinationException.class)));

    @Test
    void everyCodeOfTheBrokerHasItsException() {
        for (ErrorCode code : ErrorCode.values()) {
            JMSException e = JmsErrors.refused(code, "because");

            assertThat(e).as(code.name()).isExactlyInstanceOf(SPECIAL.getOrDefault(code, JMSException.class));
            assertThat(e.getErrorCode()).isEqualTo(code.text());
            assertThat(e).hasMessage("because").hasCauseInstanceOf(BrokerRefusal.class);
            assertThat(e.getLinkedException()).isSameAs(e.getCause());
        }
    }

    @Test
    void anUnknownTransactionAtCommitWasRolledBack() {
        assertThat(JmsErrors.commitRefused(ErrorCode.TRANSACTION_UNKNOWN, "gone"))
                .isInstanceOf(TransactionRolledBackException.class);
        assertThat(JmsErrors.commitRefused(ErrorCode.DISK_FULL, "full"))
                .isInstanceOf(ResourceAllocationException.class);
    }

    @Test
    void theUncheckedCounterpartHasTheSameNameCodeAndCause() {
        for (ErrorCode code : ErrorCode.values()) {
            JMSException checked = JmsErrors.commitRefused(code, "because");
            JMSRuntimeException unchecked = Unchecked.of(checked);

            String name = checked.getClass().getSimpleName().replace("Exception", "RuntimeException");
            assertThat(unchecked.getClass().getSimpleName()).isEqualTo(name);
            assertThat(unchecked.getErrorCode()).isEqualTo(checked.getErrorCode());
            assertThat(unchecked).hasCause(checked);
        }
    }

    @Test
    void aFailureToldAgainKeepsTypeCodeAndOrigin() {
        JMSException first = JmsErrors.refused(ErrorCode.DISK_FULL, "full");

        JMSException again = JmsErrors.again(first);

        assertThat(again)
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessage("full")
                .hasCause(first);
        assertThat(again.getErrorCode()).isEqualTo(first.getErrorCode());
    }
}
