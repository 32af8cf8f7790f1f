package org.larchmq.tck.conformance.chapter10;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.larchmq.tck.conformance.Call.call;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.ResourceAllocationRuntimeException;
import jakarta.jms.Session;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.jms.LarchConnectionFactory;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Call;
import org.larchmq.tck.conformance.Section;

/** The exceptions that must be thrown, of the right class, with a message and a code. */
@Section("10.3")
class ExceptionsTest extends AgainstBroker {
    static Stream<Arguments> checked() {
        return Stream.of(
                Arguments.of(IllegalStateException.class, call("commit without a transaction", Session::commit)),
                Arguments.of(
                        InvalidSelectorException.class,
                        call("a wrong selector", (Session s) -> s.createConsumer(new LarchQueue("x"), "a ="))),
                Arguments.of(
                        InvalidDestinationException.class,
                        call("a consumer of nothing", (Session s) -> s.createConsumer(null))),
                Arguments.of(
                        MessageFormatException.class,
                        call(
                                "a property that is no value",
                                (Session s) -> s.createMessage().setObjectProperty("p", new Object()))),
                Arguments.of(
                        MessageNotReadableException.class,
                        call(
                                "reading what is write-only",
                                (Session s) -> s.createBytesMessage().readByte())),
                Arguments.of(MessageNotWriteableException.class, call("writing what is read-only", (Session s) -> {
                    var message = s.createBytesMessage();
                    message.reset();
                    message.writeByte((byte) 1);
                })),
                Arguments.of(
                        JMSSecurityException.class,
                        call(
                                "a wrong password",
                                (Session s) -> factory()
                                        .createConnection(USER, "wrong")
                                        .close())),
                Arguments.of(ResourceAllocationException.class, call("too large a message", (Session s) -> {
                    var message = s.createBytesMessage();
                    message.writeBytes(new byte[120 << 20]);
                    s.createProducer(new LarchQueue("x")).send(message);
                })));
    }

    @ParameterizedTest
    @MethodSource("checked")
    void aCheckedExceptionHasItsClassAMessageAndACode(Class<? extends JMSException> expected, Call<Session> failing)
            throws JMSException {
        Session session = session();
        JMSException thrown = catchThrowableOfType(JMSException.class, () -> failing.on(session));
        assertThat(thrown).isExactlyInstanceOf(expected);
        assertThat(thrown.getMessage()).isNotBlank();
        assertThat(thrown.getErrorCode()).isNotBlank();
    }

    static Stream<Arguments> unchecked() {
        return Stream.of(
                Arguments.of(
                        IllegalStateRuntimeException.class, call("commit without a transaction", JMSContext::commit)),
                Arguments.of(
                        InvalidSelectorRuntimeException.class,
                        call("a wrong selector", (JMSContext c) -> c.createConsumer(new LarchQueue("x"), "a ="))),
                Arguments.of(
                        InvalidDestinationRuntimeException.class,
                        call("a consumer of nothing", (JMSContext c) -> c.createConsumer(null))),
                Arguments.of(
                        MessageFormatRuntimeException.class,
                        call(
                                "a property that is no value",
                                (JMSContext c) -> c.createProducer().setProperty("p", new Object()))),
                Arguments.of(
                        JMSSecurityRuntimeException.class,
                        call("a wrong password", (JMSContext c) -> factory().createContext(USER, "wrong"))),
                Arguments.of(
                        ResourceAllocationRuntimeException.class,
                        call(
                                "too large a message",
                                (JMSContext c) -> c.createProducer().send(new LarchQueue("x"), new byte[120 << 20]))));
    }

    @Section("10.2")
    @ParameterizedTest
    @MethodSource("unchecked")
    void anUncheckedExceptionHasItsClassAMessageACodeAndItsCause(
            Class<? extends JMSRuntimeException> expected, Call<JMSContext> failing) {
        JMSContext context = context();
        JMSRuntimeException thrown = catchThrowableOfType(JMSRuntimeException.class, () -> failing.on(context));
        assertThat(thrown).isExactlyInstanceOf(expected);
        assertThat(thrown.getMessage()).isNotBlank();
        assertThat(thrown.getErrorCode()).isNotBlank();
        assertThat(thrown.getCause()).isInstanceOf(JMSException.class);
    }

    @Test
    void aClientIdentifierInUseIsAnInvalidClientIdException() throws JMSException {
        String id = newName();
        Connection one = closeLater(factory().createConnection());
        one.setClientID(id);
        Connection two = closeLater(factory().createConnection());
        assertThat(catchThrowableOfType(JMSException.class, () -> two.setClientID(id)))
                .isExactlyInstanceOf(InvalidClientIDException.class);
    }

    @Section("10.2")
    @Test
    void aFailureBelowIsLinked() {
        LarchConnectionFactory nowhere = new LarchConnectionFactory("tcp://127.0.0.1:1");
        JMSException thrown = catchThrowableOfType(JMSException.class, nowhere::createConnection);
        assertThat(thrown.getLinkedException()).isNotNull();
        assertThat(thrown.getCause()).isNotNull();
        assertThat(thrown.getErrorCode()).isNotBlank();
    }

    @Test
    void everyMessageOfAnExceptionSaysWhatWasWrong() throws JMSException {
        Message message = session().createMessage();
        assertThat(catchThrowableOfType(
                                MessageFormatException.class, () -> message.setObjectProperty("prop", new int[0]))
                        .getMessage())
                .contains("prop");
    }
}
