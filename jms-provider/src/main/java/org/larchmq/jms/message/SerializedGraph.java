package org.larchmq.jms.message;

import static java.io.ObjectStreamConstants.*;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads a serialized object without making anything of it (Java Object Serialization Specification, chapter 6), and counts
 * what somebody meets who follows every reference from it: what is referred to twice counts twice, with all that is in it.
 * So much may a hash code have to look at. Each step takes at least a byte, and nothing the bytes say is believed: what
 * they are not is told by an IOException or a RuntimeException. For one object, by one thread.
 */
final class SerializedGraph {
    /** Of what contains itself. */
    private static final long ENDLESS = Long.MAX_VALUE;

    private static final int MAX_DEPTH = 1000;
    private static final String TOO_DEEP = "more than " + MAX_DEPTH + " levels";
    private static final String COLLECTIONS = "java.util.";

    private final ByteBuffer in;
    private final Set<String> wantedClasses;
    private final List<Object> handles = new ArrayList<>();
    private int depth;
    private boolean hasWanted;

    /** What there is of an object, array, string or constant: how many parts it is, once it was read. */
    private static final class Node {
        private final boolean isCollection;
        private boolean isRead;
        private long parts;

        Node(boolean isCollection) {
            this.isCollection = isCollection;
        }
    }

    private static final class Description {
        private final String name;
        private int flags;
        private int primitiveBytes;
        private int references;
        private Description parent;
        private int levels;
        private boolean isCollection;

        Description(String name) {
            this.name = name;
            isCollection = name.startsWith(COLLECTIONS);
        }
    }

    private SerializedGraph(byte[] serialized, Set<String> wantedClasses) {
        this.in = ByteBuffer.wrap(serialized);
        this.wantedClasses = wantedClasses;
    }

    /**
     * How many parts there are; 0 when no object is of one of these classes, {@link Long#MAX_VALUE} when a collection
     * contains itself.
     */
    static long parts(byte[] serialized, Set<String> ofClasses) throws IOException {
        SerializedGraph graph = new SerializedGraph(serialized, ofClasses);
        if (graph.in.getShort() != STREAM_MAGIC || graph.in.getShort() != STREAM_VERSION) throw corrupted("no header");
        while (graph.in.get(graph.in.position()) == TC_RESET) graph.in.get();
        long parts = graph.content();
        return graph.hasWanted ? parts : 0;
    }

    private long content() throws IOException {
        if (++depth > MAX_DEPTH) throw corrupted(TOO_DEEP);
        byte code = in.get();
        long parts = switch (code) {
            case TC_NULL, TC_CLASSDESC, TC_CLASS -> withoutParts(code);
            case TC_REFERENCE -> referred(handle());
            case TC_STRING -> text(Short.toUnsignedInt(in.getShort()));
            case TC_LONGSTRING -> text(Math.max(0, in.getLong())); // negative is empty, as in the JDK
            case TC_ENUM -> constant();
            case TC_ARRAY -> array();
            case TC_OBJECT -> object();
            default -> throw corrupted("code " + code);
        };
        depth--;
        return parts;
    }

    private long withoutParts(byte code) throws IOException {
        if (code == TC_CLASSDESC) newDescription();
        if (code == TC_CLASS) {
            description();
            add(false);
        }
        return 1;
    }

    private Object handle() {
        return handles.get(in.getInt() - baseWireHandle);
    }

    /** While an object of another kind is read, nobody sees what is in it. */
    private static long referred(Object handle) {
        if (!(handle instanceof Node node)) return 1;
        if (node.isRead) return node.parts;
        return node.isCollection ? ENDLESS : 1;
    }

    private Node add(boolean isCollection) {
        Node node = new Node(isCollection);
        handles.add(node);
        return node;
    }

    private static long finish(Node node, long parts) {
        node.isRead = true;
        node.parts = parts;
        return parts;
    }

    private static long sum(long parts, long more) {
        return parts + more < 0 ? ENDLESS : parts + more;
    }

    private void skip(long bytes) throws IOException {
        if (bytes < 0 || bytes > in.remaining()) throw corrupted(bytes + " bytes where " + in.remaining() + " are");
        in.position(in.position() + (int) bytes);
    }

    private long text(long bytes) throws IOException {
        skip(bytes);
        return finish(add(false), 1);
    }

    private long constant() throws IOException {
        description();
        Node node = add(false);
        content(); // its name
        return finish(node, 1);
    }

    private long array() throws IOException {
        Description type = description();
        Node node = add(false);
        int size = in.getInt();
        char element = type.name.charAt(1);
        long parts = 1;
        if (isReference(element)) for (int i = 0; i < size; i++) parts = sum(parts, content());
        else skip((long) size * bytesOf(element));
        return finish(node, parts);
    }

    private long object() throws IOException {
        Description type = description();
        Node node = add(type.isCollection);
        return finish(node, sum(1, data(type)));
    }

    private long data(Description type) throws IOException {
        if (++depth > MAX_DEPTH) throw corrupted(TOO_DEEP);
        long parts = type.parent == null ? 0 : data(type.parent);
        depth--;
        if ((type.flags & SC_EXTERNALIZABLE) != 0) {
            if ((type.flags & SC_BLOCK_DATA) == 0) throw corrupted("data without an end");
            return sum(parts, annotation());
        }
        if ((type.flags & SC_SERIALIZABLE) == 0) return parts;
        skip(type.primitiveBytes);
        for (int i = 0; i < type.references; i++) parts = sum(parts, content());
        return (type.flags & SC_WRITE_METHOD) == 0 ? parts : sum(parts, annotation());
    }

    /** What a class has written itself. */
    private long annotation() throws IOException {
        long parts = 0;
        while (true) {
            byte code = in.get(in.position());
            if (code == TC_BLOCKDATA || code == TC_BLOCKDATALONG) {
                in.get();
                skip(code == TC_BLOCKDATA ? Byte.toUnsignedInt(in.get()) : in.getInt());
            } else if (code == TC_ENDBLOCKDATA) {
                in.get();
                return parts;
            } else {
                parts = sum(parts, content());
            }
        }
    }

    // Descriptions of classes.

    private Description description() throws IOException {
        Description description = descriptionOrNull();
        if (description == null) throw corrupted("an object of no class");
        return description;
    }

    private Description descriptionOrNull() throws IOException {
        byte code = in.get();
        return switch (code) {
            case TC_NULL -> null;
            case TC_REFERENCE -> (Description) handle();
            case TC_CLASSDESC -> newDescription();
            default -> throw corrupted("code " + code + " in place of a class");
        };
    }

    private Description newDescription() throws IOException {
        if (++depth > MAX_DEPTH) throw corrupted(TOO_DEEP);
        Description description = new Description(name());
        hasWanted |= wantedClasses.contains(description.name);
        skip(Long.BYTES); // serialVersionUID
        handles.add(description);
        description.flags = in.get();
        for (int fields = in.getShort(); fields > 0; fields--) field(description); // signed, as in the JDK
        annotation();
        extend(description, descriptionOrNull());
        depth--;
        return description;
    }

    private static void extend(Description description, Description parent) throws IOException {
        boolean isItself = parent != null && parent.levels == 0; // or one that extends it
        int levels = parent == null ? 1 : parent.levels + 1;
        if (isItself || levels > MAX_DEPTH) throw corrupted("a class that extends too many");
        description.parent = parent;
        description.levels = levels;
        description.isCollection |= parent != null && parent.isCollection;
    }

    private void field(Description description) throws IOException {
        char type = (char) in.get();
        name();
        if (isReference(type)) {
            description.references++;
            content(); // the name of its type
        } else {
            description.primitiveBytes += bytesOf(type);
        }
    }

    /** As the JDK reads it, which takes more than UTF-8. */
    private String name() throws IOException {
        int at = in.position();
        skip(Short.toUnsignedInt(in.getShort()));
        return new DataInputStream(new ByteArrayInputStream(in.array(), at, in.position() - at)).readUTF();
    }

    private static boolean isReference(char type) {
        return type == 'L' || type == '[';
    }

    private static int bytesOf(char type) throws IOException {
        return switch (type) {
            case 'B', 'Z' -> 1;
            case 'C', 'S' -> 2;
            case 'I', 'F' -> 4;
            case 'J', 'D' -> 8;
            default -> throw corrupted("no type " + type);
        };
    }

    private static StreamCorruptedException corrupted(String what) {
        return new StreamCorruptedException(what);
    }
}
