package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.larchmq.tck.conformance.Call.call;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.StreamMessage;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Call;
import org.larchmq.tck.conformance.ConversionTable.Cell;
import org.larchmq.tck.conformance.Section;

/** Values in a row, converted as the table says, and where the reader stands after a failure. */
@Section("3.11.3")
class StreamMessageTest extends AgainstBroker {
    static List<Cell> cells() {
        return BodyTypes.cells();
    }

    static List<String> types() {
        return BodyTypes.types();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void aValueIsReadAsTheTableSaysAndARefusedReadDoesNotMoveOn(Cell cell) throws JMSException {
        StreamMessage message = session().createStreamMessage();
        BodyTypes.write(message, cell.row());
        BodyTypes.write(message, "long");
        StreamMessage received = throughBroker(message);
        if (cell.marked()) {
            assertThat(BodyTypes.read(received, cell.column())).isEqualTo(BodyTypes.expected(cell));
        } else {
            assertThatThrownBy(() -> BodyTypes.read(received, cell.column()))
                    .isInstanceOf(MessageFormatException.class);
            assertThat(BodyTypes.read(received, cell.row())).isEqualTo(BodyTypes.VALUES.get(cell.row()));
        }
        assertThat(received.readLong()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("types")
    void aValueIsReadAsAnObjectOfItsType(String type) throws JMSException {
        StreamMessage message = session().createStreamMessage();
        BodyTypes.write(message, type);
        message.writeObject(BodyTypes.VALUES.get(type));
        StreamMessage received = throughBroker(message);
        assertThat(received.readObject()).isEqualTo(BodyTypes.VALUES.get(type));
        assertThat(received.readObject()).isEqualTo(BodyTypes.VALUES.get(type));
        assertThatThrownBy(received::readObject).isInstanceOf(MessageEOFException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte", "short", "int", "long", "float", "double"})
    void aTextThatIsNoNumberIsANumberFormatExceptionAndCanBeReadAgain(String type) throws JMSException {
        StreamMessage message = session().createStreamMessage();
        message.writeString("seven");
        StreamMessage received = throughBroker(message);
        assertThatThrownBy(() -> BodyTypes.read(received, type)).isInstanceOf(NumberFormatException.class);
        assertThat(received.readString()).isEqualTo("seven");
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte", "short", "int", "long"})
    void nullIsNoWholeNumber(String type) throws JMSException {
        StreamMessage received = withNull();
        assertThatThrownBy(() -> BodyTypes.read(received, type)).isInstanceOf(NumberFormatException.class);
        assertThat(received.readObject()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"float", "double", "char"})
    void nullIsANullPointerForFloatDoubleAndChar(String type) throws JMSException {
        StreamMessage received = withNull();
        assertThatThrownBy(() -> BodyTypes.read(received, type)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void nullIsFalse() throws JMSException {
        assertThat(withNull().readBoolean()).isFalse();
    }

    @Test
    void nullIsANullText() throws JMSException {
        assertThat(withNull().readString()).isNull();
    }

    private StreamMessage withNull() throws JMSException {
        StreamMessage message = session().createStreamMessage();
        message.writeObject(null);
        return throughBroker(message);
    }

    static Stream<Call<StreamMessage>> writers() {
        return Stream.of(
                call("writeBoolean", m -> m.writeBoolean(true)),
                call("writeByte", m -> m.writeByte((byte) 1)),
                call("writeShort", m -> m.writeShort((short) 1)),
                call("writeChar", m -> m.writeChar('c')),
                call("writeInt", m -> m.writeInt(1)),
                call("writeLong", m -> m.writeLong(1)),
                call("writeFloat", m -> m.writeFloat(1)),
                call("writeDouble", m -> m.writeDouble(1)),
                call("writeString", m -> m.writeString("1")),
                call("writeBytes", m -> m.writeBytes(new byte[1])),
                call("writeBytes part", m -> m.writeBytes(new byte[2], 1, 1)),
                call("writeObject", m -> m.writeObject(1)));
    }

    static Stream<Call<StreamMessage>> readers() {
        return Stream.of(
                call("readBoolean", StreamMessage::readBoolean),
                call("readByte", StreamMessage::readByte),
                call("readShort", StreamMessage::readShort),
                call("readChar", StreamMessage::readChar),
                call("readInt", StreamMessage::readInt),
                call("readLong", StreamMessage::readLong),
                call("readFloat", StreamMessage::readFloat),
                call("readDouble", StreamMessage::readDouble),
                call("readString", StreamMessage::readString),
                call("readBytes", m -> m.readBytes(new byte[1])),
                call("readObject", StreamMessage::readObject));
    }

    @Section("3.11.2")
    @ParameterizedTest
    @MethodSource("writers")
    void aReceivedBodyIsReadOnly(Call<StreamMessage> writer) throws JMSException {
        StreamMessage received = throughBroker(session().createStreamMessage());
        assertThatThrownBy(() -> writer.on(received)).isInstanceOf(MessageNotWriteableException.class);
    }

    @Section("3.11")
    @ParameterizedTest
    @MethodSource("writers")
    void afterResetTheBodyIsReadOnly(Call<StreamMessage> writer) throws JMSException {
        StreamMessage message = session().createStreamMessage();
        message.reset();
        assertThatThrownBy(() -> writer.on(message)).isInstanceOf(MessageNotWriteableException.class);
    }

    @Section("3.11.1")
    @ParameterizedTest
    @MethodSource("writers")
    void aClearedBodyIsWriteOnly(Call<StreamMessage> writer) throws Exception {
        StreamMessage received = throughBroker(session().createStreamMessage());
        received.clearBody();
        writer.on(received);
        assertThatThrownBy(received::readObject).isInstanceOf(MessageNotReadableException.class);
        received.reset();
        assertThat(received.readObject()).isNotNull();
    }

    @Section("3.11")
    @ParameterizedTest
    @MethodSource("readers")
    void anUnsentBodyIsWriteOnly(Call<StreamMessage> reader) throws JMSException {
        StreamMessage message = session().createStreamMessage();
        message.writeString("1");
        assertThatThrownBy(() -> reader.on(message)).isInstanceOf(MessageNotReadableException.class);
    }

    @Section("3.11")
    @ParameterizedTest
    @MethodSource("readers")
    void readingPastTheEndIsAMessageEofException(Call<StreamMessage> reader) throws JMSException {
        StreamMessage received = throughBroker(session().createStreamMessage());
        assertThatThrownBy(() -> reader.on(received)).isInstanceOf(MessageEOFException.class);
    }

    @Section("3.11")
    @Test
    void aBytesFieldIsReadInPieces() throws JMSException {
        StreamMessage message = session().createStreamMessage();
        message.writeBytes(new byte[] {1, 2, 3, 4, 5});
        message.writeInt(6);
        StreamMessage received = throughBroker(message);
        byte[] two = new byte[2];
        assertThat(received.readBytes(two)).isEqualTo(2);
        assertThat(two).containsExactly(1, 2);
        assertThat(received.readBytes(two)).isEqualTo(2);
        assertThat(two).containsExactly(3, 4);
        assertThat(received.readBytes(two)).isEqualTo(1);
        assertThat(two[0]).isEqualTo((byte) 5);
        assertThat(received.readInt()).isEqualTo(6);
    }

    @Section("3.11")
    @Test
    void aBytesFieldThatFillsTheArrayEndsWithMinusOne() throws JMSException {
        StreamMessage message = session().createStreamMessage();
        message.writeBytes(new byte[] {1, 2});
        message.writeInt(3);
        StreamMessage received = throughBroker(message);
        byte[] two = new byte[2];
        assertThat(received.readBytes(two)).isEqualTo(2);
        assertThat(received.readBytes(two)).isEqualTo(-1);
        assertThat(received.readInt()).isEqualTo(3);
    }

    @Section("3.11")
    @Test
    void anotherReadWithinABytesFieldIsAMessageFormatException() throws JMSException {
        StreamMessage message = session().createStreamMessage();
        message.writeBytes(new byte[] {1, 2, 3});
        StreamMessage received = throughBroker(message);
        assertThat(received.readBytes(new byte[2])).isEqualTo(2);
        assertThatThrownBy(received::readObject).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(received::readInt).isInstanceOf(MessageFormatException.class);
        assertThat(received.readBytes(new byte[2])).isEqualTo(1);
    }

    @Section("3.11")
    @Test
    void anEmptyBytesFieldIsZeroBytes() throws JMSException {
        StreamMessage message = session().createStreamMessage();
        message.writeBytes(new byte[0]);
        assertThat(throughBroker(message).readBytes(new byte[2])).isZero();
    }

    @Section("3.11")
    @Test
    void aNullFieldIsNoBytes() throws JMSException {
        assertThat(withNull().readBytes(new byte[2])).isEqualTo(-1);
    }

    @Section("3.11")
    @Test
    void resetGoesBackToTheBeginning() throws JMSException {
        StreamMessage message = session().createStreamMessage();
        message.writeInt(1);
        message.writeInt(2);
        StreamMessage received = throughBroker(message);
        assertThat(received.readInt()).isEqualTo(1);
        received.reset();
        assertThat(received.readInt()).isEqualTo(1);
        assertThat(received.readInt()).isEqualTo(2);
    }

    @Section("3.12")
    @Test
    void bytesAreCopied() throws JMSException {
        byte[] bytes = {1, 2, 3};
        StreamMessage message = session().createStreamMessage();
        message.writeBytes(bytes);
        message.writeBytes(bytes, 1, 1);
        bytes[1] = 9;
        StreamMessage received = throughBroker(message);
        assertThat((byte[]) received.readObject()).containsExactly(1, 2, 3);
        assertThat((byte[]) received.readObject()).containsExactly(2);
    }

    @Test
    void objectsOfOtherClassesAreRefused() throws JMSException {
        StreamMessage message = session().createStreamMessage();
        for (Object value : new Object[] {new Object(), new Date(), List.of(), new int[1]}) {
            assertThatThrownBy(() -> message.writeObject(value)).isInstanceOf(MessageFormatException.class);
        }
    }

    @Section("3.11")
    @Test
    void aStreamHasNoBodyToGet() throws JMSException {
        StreamMessage received = throughBroker(session().createStreamMessage());
        assertThatThrownBy(() -> received.getBody(Object.class)).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.getBody(List.class)).isInstanceOf(MessageFormatException.class);
        assertThat(received.isBodyAssignableTo(Object.class)).isFalse();
    }
}
