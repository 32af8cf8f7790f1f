package org.larchmq.tck.conformance.chapter3;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.StreamMessage;
import java.util.List;
import java.util.Map;
import org.larchmq.tck.conformance.ConversionTable;
import org.larchmq.tck.conformance.ConversionTable.Cell;

/** The types that a MapMessage and a StreamMessage hold, and how they are written and read. */
final class BodyTypes {
    private static final String TABLE = """
                     boolean byte short char int long float double String byte[]
            boolean  X       -    -     -    -   -    -     -      X      -
            byte     -       X    X     -    X   X    -     -      X      -
            short    -       -    X     -    X   X    -     -      X      -
            char     -       -    -     X    -   -    -     -      X      -
            int      -       -    -     -    X   X    -     -      X      -
            long     -       -    -     -    -   X    -     -      X      -
            float    -       -    -     -    -   -    X     X      X      -
            double   -       -    -     -    -   -    -     X      X      -
            String   X       X    X     -    X   X    X     X      X      -
            byte[]   -       -    -     -    -   -    -     -      -      X
            """;

    static final Map<String, Object> VALUES = Map.of(
            "boolean",
            true,
            "byte",
            (byte) 1,
            "short",
            (short) 1,
            "char",
            'c',
            "int",
            1,
            "long",
            1L,
            "float",
            1f,
            "double",
            1d,
            "String",
            "1",
            "byte[]",
            new byte[] {1, 2, 3});

    private BodyTypes() {}

    static List<Cell> cells() {
        return ConversionTable.cells(TABLE);
    }

    static List<String> types() {
        return List.of("boolean", "byte", "short", "char", "int", "long", "float", "double", "String", "byte[]");
    }

    /** What a marked cell gives. */
    static Object expected(Cell cell) {
        if (cell.column().equals("String")) return String.valueOf(VALUES.get(cell.row()));
        if (cell.row().equals("String") && cell.column().equals("boolean")) return false; // Boolean.valueOf("1")
        return VALUES.get(cell.column());
    }

    static void set(MapMessage message, String name, String type) throws JMSException {
        switch (type) {
            case "boolean" -> message.setBoolean(name, true);
            case "byte" -> message.setByte(name, (byte) 1);
            case "short" -> message.setShort(name, (short) 1);
            case "char" -> message.setChar(name, 'c');
            case "int" -> message.setInt(name, 1);
            case "long" -> message.setLong(name, 1);
            case "float" -> message.setFloat(name, 1);
            case "double" -> message.setDouble(name, 1);
            case "String" -> message.setString(name, "1");
            case "byte[]" -> message.setBytes(name, new byte[] {1, 2, 3});
            default -> throw new AssertionError(type);
        }
    }

    static Object get(MapMessage message, String name, String type) throws JMSException {
        return switch (type) {
            case "boolean" -> message.getBoolean(name);
            case "byte" -> message.getByte(name);
            case "short" -> message.getShort(name);
            case "char" -> message.getChar(name);
            case "int" -> message.getInt(name);
            case "long" -> message.getLong(name);
            case "float" -> message.getFloat(name);
            case "double" -> message.getDouble(name);
            case "String" -> message.getString(name);
            case "byte[]" -> message.getBytes(name);
            default -> throw new AssertionError(type);
        };
    }

    static void write(StreamMessage message, String type) throws JMSException {
        switch (type) {
            case "boolean" -> message.writeBoolean(true);
            case "byte" -> message.writeByte((byte) 1);
            case "short" -> message.writeShort((short) 1);
            case "char" -> message.writeChar('c');
            case "int" -> message.writeInt(1);
            case "long" -> message.writeLong(1);
            case "float" -> message.writeFloat(1);
            case "double" -> message.writeDouble(1);
            case "String" -> message.writeString("1");
            case "byte[]" -> message.writeBytes(new byte[] {1, 2, 3});
            default -> throw new AssertionError(type);
        }
    }

    static Object read(StreamMessage message, String type) throws JMSException {
        return switch (type) {
            case "boolean" -> message.readBoolean();
            case "byte" -> message.readByte();
            case "short" -> message.readShort();
            case "char" -> message.readChar();
            case "int" -> message.readInt();
            case "long" -> message.readLong();
            case "float" -> message.readFloat();
            case "double" -> message.readDouble();
            case "String" -> message.readString();
            case "byte[]" -> {
                byte[] bytes = new byte[3];
                message.readBytes(bytes);
                message.readBytes(bytes); // the end of the field
                yield bytes;
            }
            default -> throw new AssertionError(type);
        };
    }
}
