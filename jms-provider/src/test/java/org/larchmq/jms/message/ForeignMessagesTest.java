package org.larchmq.jms.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages of other implementations are copied for sending: specification 3.12. */
class ForeignMessagesTest {
    private static final ObjectTrust TRUST = new ObjectTrust(List.of());

    /** A message that is none of our classes and forwards to one. */
    private static <M extends Message> M foreign(Class<M> type, LarchMessage target) {
        return type.cast(Proxy.newProxyInstance(
                ForeignMessagesTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Test
    void headersAndPropertiesAreCopied() throws JMSException {
        LarchMessage target = new LarchMessage();
        target.setJMSCorrelationID("c");
        target.setJMSType("t");
        target.setJMSReplyTo(Wire.QUEUE);
        target.setIntProperty("p", 1);

        LarchMessage copy = ForeignMessages.copy(foreign(Message.class, target), TRUST);

        assertThat(copy.getJMSCorrelationID()).isEqualTo("c");
        assertThat(copy.getJMSType()).isEqualTo("t");
        assertThat(copy.getJMSReplyTo()).isEqualTo(Wire.QUEUE);
        assertThat(copy.getIntProperty("p")).isEqualTo(1);
    }

    @Test
    void bodiesOfEveryKindAreCopied() throws JMSException {
        LarchBytesMessage bytes = new LarchBytesMessage();
        bytes.writeBytes(new byte[10_000]);
        LarchMapMessage map = new LarchMapMessage();
        map.setChar("c", 'x');
        LarchStreamMessage stream = new LarchStreamMessage();
        stream.writeInt(1);
        stream.writeString("two");
        LarchObjectMessage object = new LarchObjectMessage(TRUST);
        object.setObject("o");

        TextMessage text = (TextMessage) copy(TextMessage.class, new LarchTextMessage("t"));
        BytesMessage bytesCopy = (BytesMessage) copy(BytesMessage.class, bytes);
        MapMessage mapCopy = (MapMessage) copy(MapMessage.class, map);
        StreamMessage streamCopy = (StreamMessage) copy(StreamMessage.class, stream);
        ObjectMessage objectCopy = (ObjectMessage) copy(ObjectMessage.class, object);

        assertThat(text.getText()).isEqualTo("t");
        assertThat(bytesCopy.getBodyLength()).isEqualTo(10_000);
        assertThat(mapCopy.getChar("c")).isEqualTo('x');
        assertThat(streamCopy.readInt()).isEqualTo(1);
        assertThat(streamCopy.readString()).isEqualTo("two");
        assertThat(objectCopy.getObject()).isEqualTo("o");
    }

    private static Message copy(Class<? extends Message> type, LarchMessage target) throws JMSException {
        return Wire.receive(ForeignMessages.copy(foreign(type, target), TRUST));
    }

    @Test
    void theForeignMessageIsToldWhatTheSendDecided() throws JMSException {
        LarchMessage target = new LarchMessage();
        LarchMessage copy = ForeignMessages.copy(foreign(Message.class, target), TRUST);
        copy.stamp(Wire.SEND);

        ForeignMessages.copySendHeaders(copy, foreign(Message.class, target));

        assertThat(target.getJMSMessageID()).isEqualTo(copy.getJMSMessageID());
        assertThat(target.getJMSDestination()).isEqualTo(Wire.QUEUE);
        assertThat(target.getJMSTimestamp()).isEqualTo(1000);
    }

    @Test
    void oneThatCannotBeReadIsAFormatError() {
        TextMessage broken = (TextMessage) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {TextMessage.class}, (proxy, method, arguments) -> {
                    throw new JMSException("no");
                });
        assertThatThrownBy(() -> ForeignMessages.copy(broken, TRUST)).isInstanceOf(MessageFormatException.class);
    }
}
