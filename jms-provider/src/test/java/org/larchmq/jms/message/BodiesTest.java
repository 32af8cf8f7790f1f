package org.larchmq.jms.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.Vector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The five kinds of bodies: specification 3.11, read-only states 3.10. */
class BodiesTest {
    private static final ObjectTrust TRUST = new ObjectTrust(List.of());

    @Test
    void aTextSurvivesTheWireAsDoNullAndTheEmptyText() throws JMSException {
        for (String text : new String[] {"plain", "ünï 😀", "", null}) {
            LarchTextMessage received = Wire.receive(new LarchTextMessage(text));
            assertThat(received.getText()).isEqualTo(text);
            assertThat(received.getBody(String.class)).isEqualTo(text);
        }
    }

    @Test
    void aReceivedBodyIsReadOnlyUntilCleared_3_10() throws JMSException {
        LarchTextMessage received = Wire.receive(new LarchTextMessage("a"));

        assertThatThrownBy(() -> received.setText("b")).isInstanceOf(MessageNotWriteableException.class);
        assertThat(received.getText()).isEqualTo("a");
        received.clearBody();
        assertThat(received.getText()).isNull();
        received.setText("b");
        assertThat(received.getText()).isEqualTo("b");
    }

    @Test
    void aReceivedMessageIsSentOnWithoutBeingDecoded() throws JMSException {
        LarchMapMessage sent = new LarchMapMessage();
        sent.setInt("a", 1);
        LarchMapMessage received = Wire.receive(Wire.receive(sent));
        assertThat(received.getInt("a")).isEqualTo(1);
        assertThat(Wire.receive(Wire.receive(new LarchTextMessage((String) null)))
                        .getText())
                .isNull();
    }

    @Test
    void getBodyGivesTheBodyOrRefusesTheType() throws JMSException {
        LarchTextMessage text = Wire.receive(new LarchTextMessage("a"));
        assertThat(text.getBody(Object.class)).isEqualTo("a");
        assertThat(text.isBodyAssignableTo(String.class)).isTrue();
        assertThat(text.isBodyAssignableTo(Map.class)).isFalse();
        assertThatThrownBy(() -> text.getBody(Map.class)).isInstanceOf(MessageFormatException.class);
        assertThat(new LarchMessage().getBody(String.class)).isNull();
        assertThat(new LarchMessage().isBodyAssignableTo(String.class)).isTrue();
        assertThatThrownBy(() -> new LarchStreamMessage().getBody(Object.class))
                .isInstanceOf(MessageFormatException.class);
    }

    @Test
    void mapEntriesOfEveryTypeSurviveTheWire() throws JMSException {
        LarchMapMessage sent = new LarchMapMessage();
        sent.setBoolean("z", true);
        sent.setByte("b", (byte) 1);
        sent.setShort("s", (short) 2);
        sent.setChar("c", 'ü');
        sent.setInt("i", 3);
        sent.setLong("l", 4);
        sent.setFloat("f", 1.5f);
        sent.setDouble("d", 2.5);
        sent.setString("t", "text");
        sent.setBytes("y", new byte[] {1, 2, 3}, 1, 2);
        sent.setObject("n", null);

        LarchMapMessage received = Wire.receive(sent);

        assertThat(received.getBoolean("z")).isTrue();
        assertThat(received.getLong("b")).isEqualTo(1);
        assertThat(received.getShort("s")).isEqualTo((short) 2);
        assertThat(received.getChar("c")).isEqualTo('ü');
        assertThat(received.getString("i")).isEqualTo("3");
        assertThat(received.getLong("l")).isEqualTo(4);
        assertThat(received.getDouble("f")).isEqualTo(1.5);
        assertThat(received.getDouble("d")).isEqualTo(2.5);
        assertThat(received.getString("t")).isEqualTo("text");
        assertThat(received.getBytes("y")).containsExactly(2, 3);
        assertThat(received.itemExists("n")).isTrue();
        assertThat(received.itemExists("x")).isFalse();
        assertThat(received.getBody(Map.class)).hasSize(11);
        assertThatThrownBy(() -> received.getBody(HashMap.class)).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.getInt("c")).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.getString("y")).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.getChar("x")).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> received.setInt("a", 1)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> sent.setObject("o", new Object())).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> sent.setInt("", 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aStreamIsReadInOrderAndAFailedConversionDoesNotMoveOn_3_11_3() throws JMSException {
        LarchStreamMessage sent = new LarchStreamMessage();
        sent.writeInt(5);
        sent.writeString("x");
        sent.writeChar('c');
        sent.writeObject(null);
        assertThatThrownBy(sent::readInt).isInstanceOf(MessageNotReadableException.class);

        LarchStreamMessage received = Wire.receive(sent);

        assertThatThrownBy(received::readByte).isInstanceOf(MessageFormatException.class);
        assertThat(received.readLong()).isEqualTo(5);
        assertThatThrownBy(received::readInt).isInstanceOf(NumberFormatException.class);
        assertThat(received.readString()).isEqualTo("x");
        assertThat(received.readChar()).isEqualTo('c');
        assertThat(received.readObject()).isNull();
        assertThatThrownBy(received::readObject).isInstanceOf(MessageEOFException.class);
        received.reset();
        assertThat(received.readInt()).isEqualTo(5);
        assertThatThrownBy(() -> received.writeInt(1)).isInstanceOf(MessageNotWriteableException.class);
    }

    @Test
    void aBytesItemOfAStreamIsReadPieceByPiece() throws JMSException {
        LarchStreamMessage stream = new LarchStreamMessage();
        stream.writeBytes(new byte[] {1, 2, 3, 4});
        stream.writeBytes(new byte[0]);
        stream.writeInt(9);
        stream.reset();
        byte[] two = new byte[2];

        assertThat(stream.readBytes(two)).isEqualTo(2);
        assertThatThrownBy(stream::readInt).isInstanceOf(MessageFormatException.class);
        assertThat(stream.readBytes(two)).isEqualTo(2);
        assertThat(two).containsExactly(3, 4);
        assertThat(stream.readBytes(two)).isEqualTo(-1);
        assertThat(stream.readBytes(two)).isZero();
        assertThat(stream.readInt()).isEqualTo(9);
    }

    @Test
    void bytesAreReadAsTheyWereWritten() throws JMSException {
        LarchBytesMessage sent = new LarchBytesMessage();
        sent.writeBoolean(true);
        sent.writeByte((byte) -1);
        sent.writeShort((short) -2);
        sent.writeChar('ü');
        sent.writeInt(-3);
        sent.writeLong(-4);
        sent.writeFloat(1.5f);
        sent.writeDouble(2.5);
        sent.writeUTF("text\0ü");
        sent.writeBytes(new byte[] {7, 8});
        assertThatThrownBy(sent::readByte).isInstanceOf(MessageNotReadableException.class);
        assertThatThrownBy(() -> sent.getBody(byte[].class)).isInstanceOf(MessageFormatException.class);

        LarchBytesMessage received = Wire.receive(sent);

        assertThat(received.readBoolean()).isTrue();
        assertThat(received.readUnsignedByte()).isEqualTo(255);
        assertThat(received.readUnsignedShort()).isEqualTo(65_534);
        assertThat(received.readChar()).isEqualTo('ü');
        assertThat(received.readInt()).isEqualTo(-3);
        assertThat(received.readLong()).isEqualTo(-4);
        assertThat(received.readFloat()).isEqualTo(1.5f);
        assertThat(received.readDouble()).isEqualTo(2.5);
        assertThat(received.readUTF()).isEqualTo("text\0ü");
        assertThatThrownBy(received::readLong).isInstanceOf(MessageEOFException.class);
        byte[] rest = new byte[5];
        assertThat(received.readBytes(rest)).isEqualTo(2);
        assertThat(received.readBytes(rest)).isEqualTo(-1);
        assertThat(received.getBody(byte[].class)).hasSize((int) received.getBodyLength());
        assertThat(received.readBoolean()).as("getBody resets").isTrue();
        assertThatThrownBy(() -> received.writeByte((byte) 1)).isInstanceOf(MessageNotWriteableException.class);
    }

    @Test
    void aBytesMessageCanBeSentAgainAndChangedAfterASend() throws JMSException {
        LarchBytesMessage message = new LarchBytesMessage();
        message.writeInt(1);
        assertThat(Wire.receive(message).getBodyLength()).isEqualTo(4);
        message.writeInt(2);
        assertThat(Wire.receive(message).getBodyLength()).isEqualTo(8);
        LarchBytesMessage received = Wire.receive(message);
        received.readInt();
        assertThat(Wire.receive(received).getBody(byte[].class)).hasSize(8);
    }

    @Test
    void aBrokenUtfStringDoesNotMoveOn() throws JMSException {
        LarchBytesMessage message = new LarchBytesMessage();
        message.writeShort((short) 9);
        message.reset();
        assertThatThrownBy(message::readUTF).isInstanceOf(MessageEOFException.class);
        assertThat(message.readShort()).isEqualTo((short) 9);
    }

    @Test
    void anObjectIsTheOneAtTheTimeOfSetting() throws JMSException {
        LarchObjectMessage message = new LarchObjectMessage(new ObjectTrust(List.of("java.util")));
        ArrayList<String> list = new ArrayList<>(List.of("a"));
        message.setObject(list);
        list.add("b");
        assertThat(message.getObject()).isEqualTo(List.of("a"));
        assertThat(Wire.receive(message, Wire.SEND, "java.util").getObject()).isEqualTo(List.of("a"));
    }

    /** Must never come to life in these tests unless it is trusted. */
    static final class Gadget implements Serializable {
        private static int lives;

        private void readObject(java.io.ObjectInputStream in) {
            lives++;
        }
    }

    @Test
    void classesAreNotDeserializedUnlessTheirPackageIsTrusted() throws JMSException {
        LarchObjectMessage message = new LarchObjectMessage(TRUST);
        message.setObject(new Gadget());
        LarchObjectMessage received = Wire.receive(message);

        assertThatThrownBy(received::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("trustedPackages");
        assertThat(received.toString()).contains("ID:");
        assertThat(Gadget.lives).isZero();
        assertThat(Wire.receive(message, Wire.SEND, "org.larchmq.jms").getObject())
                .isInstanceOf(Gadget.class);
        assertThat(Wire.receive(message, Wire.SEND, "*").getObject()).isInstanceOf(Gadget.class);
        assertThatThrownBy(
                        () -> Wire.receive(message, Wire.SEND, "org.larchmq.jm").getObject())
                .isInstanceOf(MessageFormatException.class);
        assertThat(Gadget.lives).isEqualTo(2);
    }

    @Test
    void plainValuesOfTheJdkNeedNoTrust() throws JMSException {
        for (Serializable value : List.of(
                "s",
                1,
                2L,
                new int[] {1},
                new String[] {"a"},
                java.time.Instant.EPOCH,
                new java.math.BigDecimal("1.5"),
                java.util.UUID.randomUUID())) {
            LarchObjectMessage message = new LarchObjectMessage(TRUST);
            message.setObject(value);
            assertThat(Wire.receive(message).getObject()).isEqualTo(value);
        }
        assertThat(Wire.receive(new LarchObjectMessage(TRUST)).getObject()).isNull();
    }

    @Test
    void collectionsOfPlainValuesNeedNoTrust() throws JMSException {
        HashMap<String, Object> order = new HashMap<>(Map.of("lines", new ArrayList<>(List.of("a", "b")), "total", 7));
        for (Serializable value : List.of(
                new Vector<>(List.of("a", 1)),
                order,
                new TreeMap<>(order),
                new Hashtable<>(Map.of("k", "v")),
                (Serializable) List.of("a"),
                (Serializable) Map.of("k", Set.of(1, 2)),
                (Serializable) Arrays.asList("a", "b"),
                (Serializable) Collections.unmodifiableMap(order))) {
            LarchObjectMessage message = new LarchObjectMessage(TRUST);
            message.setObject(value);
            assertThat(Wire.receive(message).getObject()).isEqualTo(value);
        }
    }

    @Test
    void setsWhoseHashTakesForEverAreRefused() throws JMSException {
        Set<Object> root = new HashSet<>();
        Set<Object> one = root;
        Set<Object> other = new HashSet<>();
        for (int depth = 0; depth < 20; depth++) {
            Set<Object> nextOne = new HashSet<>(Set.of("x"));
            Set<Object> nextOther = new HashSet<>();
            for (Set<Object> above : List.of(one, other)) {
                above.add(nextOne);
                above.add(nextOther);
            }
            one = nextOne;
            other = nextOther;
        }
        LarchObjectMessage message = new LarchObjectMessage(TRUST);
        message.setObject((Serializable) root);
        LarchObjectMessage received = Wire.receive(message);
        assertThatThrownBy(received::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("more than 20000 values")
                .hasMessageContaining("trustedPackages");
    }

    /** Stands for a value without having its hash code, so that a set of it can be made. */
    private static final class StandIn implements Serializable {
        private final Object value;

        StandIn(Object value) {
            this.value = value;
        }

        private Object writeReplace() {
            return value;
        }
    }

    private static HashSet<Object> setOf(Object value) {
        return new HashSet<>(Set.of(new StandIn(value)));
    }

    private static List<Object> nested(int depth, int width) {
        List<Object> list = new ArrayList<>(List.of("x"));
        for (int i = 0; i < depth; i++) list = new ArrayList<>(Collections.nCopies(width, list));
        return list;
    }

    private static List<Object> listThatIsInASetInIt(int depth, int width) {
        List<Object> outermost = new ArrayList<>(List.of("x"));
        List<Object> list = outermost;
        for (int i = 0; i < depth; i++) {
            List<Object> next = new ArrayList<>(Collections.nCopies(width, list));
            list.add(next);
            list = next;
        }
        list.add(setOf(list));
        return outermost;
    }

    @Test
    @Timeout(60)
    void hashTablesOfWhatRefersToTheSameAgainAndAgainAreRefused() throws JMSException {
        List<Object> periods = new ArrayList<>();
        for (int i = 0; i < 25_000; i++) periods.add(new StandIn(java.time.Period.of(i * 256, -i, 0)));
        for (Object object : List.of(setOf(nested(5, 1000)), listThatIsInASetInIt(5, 1000), new HashSet<>(periods))) {
            LarchObjectMessage message = new LarchObjectMessage(TRUST);
            message.setObject((Serializable) object);
            LarchObjectMessage received = Wire.receive(message);
            assertThatThrownBy(received::getObject)
                    .isInstanceOf(MessageFormatException.class)
                    .hasMessageContaining("hash table")
                    .hasMessageContaining("trustedPackages");
        }
    }

    @Test
    void immutableCollectionsAreCountedLikeOthers() throws JMSException {
        List<Object> lists = new ArrayList<>();
        for (int i = 0; i < 6000; i++) lists.add(List.of(i, i, i));
        LarchObjectMessage message = new LarchObjectMessage(TRUST);
        message.setObject((Serializable) lists);
        LarchObjectMessage received = Wire.receive(message);
        assertThatThrownBy(received::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("more than 20000 values");
    }

    @Test
    void aTableOfManyListsIsTrusted() throws JMSException {
        HashMap<String, Object> lists = new HashMap<>();
        for (int i = 0; i < 2000; i++) lists.put("key" + i, new ArrayList<>(List.of("a", i)));
        LarchObjectMessage message = new LarchObjectMessage(TRUST);
        message.setObject(lists);
        assertThat(Wire.receive(message).getObject()).isEqualTo(lists);
    }

    @Test
    void whatRefersToItsOwnerIsTrustedBesideAHashTable() throws JMSException {
        Owner owner = new Owner();
        owner.attributes.put("colour", "blue");
        owner.owned.add(owner);
        LarchObjectMessage message = new LarchObjectMessage(TRUST);
        message.setObject(owner);
        LarchObjectMessage received = Wire.receive(message, Wire.SEND, Owner.class.getPackageName());
        Owner read = (Owner) received.getObject();
        assertThat(read.owned).containsExactly(read);
        assertThat(read.attributes).isEqualTo(owner.attributes);
    }

    private static final class Owner implements Serializable {
        private final HashMap<String, String> attributes = new HashMap<>();
        private final ArrayList<Owner> owned = new ArrayList<>();
    }

    @Test
    void anyNumberOfListsIsTrusted() throws JMSException {
        ArrayList<ArrayList<String>> lists = new ArrayList<>();
        for (int i = 0; i < 100; i++) lists.add(new ArrayList<>(List.of("a")));
        LarchObjectMessage message = new LarchObjectMessage(TRUST);
        message.setObject(lists);
        assertThat(Wire.receive(message).getObject()).isEqualTo(lists);
    }

    @Test
    void whatCannotBeSerializedIsRefusedWhenItIsSet() {
        LarchObjectMessage message = new LarchObjectMessage(TRUST);
        assertThatThrownBy(() -> message.setObject(new ArrayList<>(List.of(new Object()))))
                .isInstanceOf(MessageFormatException.class);
    }

    /** The JDK answers such bytes with an InternalError. */
    @Test
    void anImmutableMapWithAKeyAndNoValueIsRefused() throws Exception {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(written)) {
            out.writeObject(Map.of("key", "value"));
        }
        byte[] bytes = written.toByteArray();
        String length = new String(new char[] {0x77, 4, 0, 0, 0, 2}); // a block of four bytes: keys and values
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(length);
        bytes[at + length.length() - 1] = 1;
        assertThatThrownBy(() -> new ObjectTrust(List.of("*")).deserialize(bytes))
                .isInstanceOf(MessageFormatException.class);
    }
}
