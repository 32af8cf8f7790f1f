package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.larchmq.tck.conformance.Call.call;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.util.Date;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Call;
import org.larchmq.tck.conformance.Section;

/** Uninterpreted bytes. */
@Section("3.11")
class BytesMessageTest extends AgainstBroker {
    @Test
    void everyPrimitiveIsReadAsItWasWritten() throws JMSException {
        BytesMessage message = session().createBytesMessage();
        message.writeBoolean(true);
        message.writeByte((byte) -1);
        message.writeByte((byte) -1);
        message.writeShort((short) -2);
        message.writeShort((short) -2);
        message.writeChar('ü');
        message.writeInt(Integer.MIN_VALUE);
        message.writeLong(Long.MAX_VALUE);
        message.writeFloat(1.5f);
        message.writeDouble(-2.5);
        message.writeUTF("ünï 😀");
        message.writeBytes(new byte[] {1, 2, 3});
        message.writeBytes(new byte[] {4, 5, 6}, 1, 1);
        BytesMessage received = throughBroker(message);
        assertThat(received.readBoolean()).isTrue();
        assertThat(received.readByte()).isEqualTo((byte) -1);
        assertThat(received.readUnsignedByte()).isEqualTo(255);
        assertThat(received.readShort()).isEqualTo((short) -2);
        assertThat(received.readUnsignedShort()).isEqualTo(65_534);
        assertThat(received.readChar()).isEqualTo('ü');
        assertThat(received.readInt()).isEqualTo(Integer.MIN_VALUE);
        assertThat(received.readLong()).isEqualTo(Long.MAX_VALUE);
        assertThat(received.readFloat()).isEqualTo(1.5f);
        assertThat(received.readDouble()).isEqualTo(-2.5);
        assertThat(received.readUTF()).isEqualTo("ünï 😀");
        byte[] rest = new byte[10];
        assertThat(received.readBytes(rest)).isEqualTo(4);
        assertThat(rest).startsWith(1, 2, 3, 5);
        assertThat(received.readBytes(rest)).isEqualTo(-1);
    }

    @Test
    void objectsAreWrittenAsTheirPrimitives() throws JMSException {
        BytesMessage message = session().createBytesMessage();
        message.writeObject(true);
        message.writeObject((byte) 1);
        message.writeObject((short) 2);
        message.writeObject('c');
        message.writeObject(3);
        message.writeObject(4L);
        message.writeObject(5f);
        message.writeObject(6d);
        message.writeObject("seven");
        message.writeObject(new byte[] {8});
        BytesMessage received = throughBroker(message);
        assertThat(received.readBoolean()).isTrue();
        assertThat(received.readByte()).isEqualTo((byte) 1);
        assertThat(received.readShort()).isEqualTo((short) 2);
        assertThat(received.readChar()).isEqualTo('c');
        assertThat(received.readInt()).isEqualTo(3);
        assertThat(received.readLong()).isEqualTo(4);
        assertThat(received.readFloat()).isEqualTo(5f);
        assertThat(received.readDouble()).isEqualTo(6d);
        assertThat(received.readUTF()).isEqualTo("seven");
        assertThat(received.readByte()).isEqualTo((byte) 8);
    }

    static Stream<Call<BytesMessage>> writers() {
        return Stream.of(
                call("writeBoolean", m -> m.writeBoolean(true)),
                call("writeByte", m -> m.writeByte((byte) 1)),
                call("writeShort", m -> m.writeShort((short) 1)),
                call("writeChar", m -> m.writeChar('c')),
                call("writeInt", m -> m.writeInt(1)),
                call("writeLong", m -> m.writeLong(1)),
                call("writeFloat", m -> m.writeFloat(1)),
                call("writeDouble", m -> m.writeDouble(1)),
                call("writeUTF", m -> m.writeUTF("1")),
                call("writeBytes", m -> m.writeBytes(new byte[1])),
                call("writeBytes part", m -> m.writeBytes(new byte[2], 1, 1)),
                call("writeObject", m -> m.writeObject(1)));
    }

    static Stream<Call<BytesMessage>> fixedReaders() {
        return Stream.of(
                call("readBoolean", BytesMessage::readBoolean),
                call("readByte", BytesMessage::readByte),
                call("readUnsignedByte", BytesMessage::readUnsignedByte),
                call("readShort", BytesMessage::readShort),
                call("readUnsignedShort", BytesMessage::readUnsignedShort),
                call("readChar", BytesMessage::readChar),
                call("readInt", BytesMessage::readInt),
                call("readLong", BytesMessage::readLong),
                call("readFloat", BytesMessage::readFloat),
                call("readDouble", BytesMessage::readDouble),
                call("readUTF", BytesMessage::readUTF));
    }

    static Stream<Call<BytesMessage>> readers() {
        return Stream.concat(
                fixedReaders(),
                Stream.of(
                        call("readBytes", m -> m.readBytes(new byte[1])),
                        call("readBytes part", m -> m.readBytes(new byte[2], 1)),
                        call("getBodyLength", BytesMessage::getBodyLength)));
    }

    @Section("3.11.2")
    @ParameterizedTest
    @MethodSource("writers")
    void aReceivedBodyIsReadOnly(Call<BytesMessage> writer) throws JMSException {
        BytesMessage received = throughBroker(session().createBytesMessage());
        assertThatThrownBy(() -> writer.on(received)).isInstanceOf(MessageNotWriteableException.class);
        assertThat(received.getBodyLength()).isZero();
    }

    @ParameterizedTest
    @MethodSource("writers")
    void afterResetTheBodyIsReadOnly(Call<BytesMessage> writer) throws JMSException {
        BytesMessage message = session().createBytesMessage();
        message.reset();
        assertThatThrownBy(() -> writer.on(message)).isInstanceOf(MessageNotWriteableException.class);
    }

    @Section("3.11.1")
    @ParameterizedTest
    @MethodSource("writers")
    void aClearedBodyIsEmptyAndWriteOnly(Call<BytesMessage> writer) throws Exception {
        BytesMessage message = session().createBytesMessage();
        message.writeBytes(new byte[100]);
        BytesMessage received = throughBroker(message);
        received.clearBody();
        writer.on(received);
        assertThatThrownBy(received::readByte).isInstanceOf(MessageNotReadableException.class);
        received.reset();
        assertThat(received.getBodyLength()).isBetween(1L, 8L);
    }

    @ParameterizedTest
    @MethodSource("readers")
    void anUnsentBodyIsWriteOnly(Call<BytesMessage> reader) throws JMSException {
        BytesMessage message = session().createBytesMessage();
        message.writeBytes(new byte[20]);
        assertThatThrownBy(() -> reader.on(message)).isInstanceOf(MessageNotReadableException.class);
    }

    @ParameterizedTest
    @MethodSource("fixedReaders")
    void readingPastTheEndIsAMessageEofException(Call<BytesMessage> reader) throws JMSException {
        BytesMessage received = throughBroker(session().createBytesMessage());
        assertThatThrownBy(() -> reader.on(received)).isInstanceOf(MessageEOFException.class);
    }

    @Section("3.11.3")
    @Test
    void aReadThatRunsIntoTheEndDoesNotMoveOn() throws JMSException {
        BytesMessage message = session().createBytesMessage();
        message.writeShort((short) 7);
        BytesMessage received = throughBroker(message);
        assertThatThrownBy(received::readLong).isInstanceOf(MessageEOFException.class);
        assertThat(received.readShort()).isEqualTo((short) 7);
    }

    @Section("3.11.3")
    @Test
    void aTextThatIsNoUtfDoesNotMoveOn() throws JMSException {
        BytesMessage message = session().createBytesMessage();
        message.writeShort((short) 100);
        message.writeByte((byte) 1);
        BytesMessage received = throughBroker(message);
        assertThatThrownBy(received::readUTF).isInstanceOf(JMSException.class);
        assertThat(received.readShort()).isEqualTo((short) 100);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 100_000, 1_000_000})
    void bodiesOfAnySizeArrive(int size) throws JMSException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        BytesMessage message = session().createBytesMessage();
        message.writeBytes(bytes);
        BytesMessage received = throughBroker(message);
        assertThat(received.getBodyLength()).isEqualTo(size);
        assertThat(size == 0 ? new byte[0] : received.getBody(byte[].class)).isEqualTo(bytes);
    }

    @Test
    void aLargeBodyIsReadInPieces() throws JMSException {
        BytesMessage message = session().createBytesMessage();
        for (int i = 0; i < 10; i++) message.writeByte((byte) i);
        BytesMessage received = throughBroker(message);
        byte[] four = new byte[4];
        assertThat(received.readBytes(four)).isEqualTo(4);
        assertThat(received.readBytes(four, 3)).isEqualTo(3);
        assertThat(four).containsExactly(4, 5, 6, 3);
        assertThat(received.readBytes(four)).isEqualTo(3);
        assertThat(four).startsWith(7, 8, 9);
        assertThat(received.readBytes(four)).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 5})
    void aLengthThatDoesNotFitTheArrayIsRefused(int length) throws JMSException {
        BytesMessage message = session().createBytesMessage();
        message.writeBytes(new byte[10]);
        BytesMessage received = throughBroker(message);
        assertThatThrownBy(() -> received.readBytes(new byte[4], length)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void resetGoesBackToTheBeginning() throws JMSException {
        BytesMessage message = session().createBytesMessage();
        message.writeInt(1);
        BytesMessage received = throughBroker(message);
        assertThat(received.readInt()).isEqualTo(1);
        received.reset();
        assertThat(received.readInt()).isEqualTo(1);
    }

    @Section("3.12")
    @Test
    void nullCannotBeWritten() throws JMSException {
        BytesMessage message = session().createBytesMessage();
        assertThatThrownBy(() -> message.writeObject(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> message.writeBytes(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> message.writeUTF(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void objectsOfOtherClassesAreRefused() throws JMSException {
        BytesMessage message = session().createBytesMessage();
        for (Object value : new Object[] {new Object(), new Date(), new int[1]}) {
            assertThatThrownBy(() -> message.writeObject(value)).isInstanceOf(MessageFormatException.class);
        }
    }

    @Test
    void theBodyIsAnArrayOfBytes() throws JMSException {
        BytesMessage message = session().createBytesMessage();
        message.writeBytes(new byte[] {1, 2});
        BytesMessage received = throughBroker(message);
        assertThat(received.getBody(byte[].class)).containsExactly(1, 2);
        assertThat((byte[]) received.getBody(Object.class)).containsExactly(1, 2);
        assertThat(received.isBodyAssignableTo(byte[].class)).isTrue();
        assertThat(received.isBodyAssignableTo(Object.class)).isTrue();
        assertThat(received.isBodyAssignableTo(String.class)).isFalse();
        assertThatThrownBy(() -> received.getBody(String.class)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void theBodyCannotBeGotInWriteMode() throws JMSException {
        BytesMessage message = session().createBytesMessage();
        message.writeByte((byte) 1);
        assertThatThrownBy(() -> message.getBody(byte[].class)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void anEmptyBodyIsNull() throws JMSException {
        assertThat(throughBroker(session().createBytesMessage()).getBody(byte[].class))
                .isNull();
    }
}
