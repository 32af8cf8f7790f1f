package org.larchmq.jms.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.StreamCorruptedException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.Vector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SerializedGraphTest {
    private static final Set<String> HASH_SET = Set.of("java.util.HashSet");

    private static byte[] serialized(Object object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    private static long parts(Object object) throws IOException {
        return SerializedGraph.parts(serialized(object), HASH_SET);
    }

    @Test
    void whatIsReferredToTwiceCountsTwice() throws IOException {
        HashSet<String> set = new HashSet<>(Set.of("a", "b"));
        assertThat(parts(set)).isEqualTo(3);
        assertThat(parts(new ArrayList<>(Collections.nCopies(10, set)))).isEqualTo(31);
        assertThat(parts(new Object[] {set, new ArrayList<>(Collections.nCopies(10, set)), null}))
                .isEqualTo(1 + 3 + 31 + 1);
    }

    @Test
    void onlyObjectsOfTheWantedClassesAreOfInterest() throws IOException {
        assertThat(parts(new ArrayList<>(List.of("a", "b")))).isZero();
        assertThat(parts(new ArrayList<>(List.of("a", new HashSet<>())))).isEqualTo(3);
    }

    @Test
    void aCollectionInItselfIsEndless() throws IOException {
        List<Object> list = new ArrayList<>(List.of(new HashSet<>()));
        list.add(Arrays.asList(1, list));
        assertThat(parts(list)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aClassIsKnownHoweverItsNameIsWritten() throws IOException {
        byte[] plain = serialized(new HashSet<>(Set.of("a")));
        byte[] name = "java.util.HashSet".getBytes(StandardCharsets.US_ASCII);
        int at = 4 + 1 + 1 + 2; // header, object, description, length
        assertThat(Arrays.copyOfRange(plain, at, at + name.length)).isEqualTo(name);
        ByteArrayOutputStream other = new ByteArrayOutputStream();
        other.write(plain, 0, at - 1);
        other.write(name.length + 1);
        other.write(new byte[] {(byte) 0xC1, (byte) 0xAA}); // a j in two bytes, which the JDK takes
        other.write(plain, at + 1, plain.length - at - 1);
        assertThat(readByTheJdk(other.toByteArray())).isTrue();
        assertThat(SerializedGraph.parts(other.toByteArray(), HASH_SET)).isEqualTo(2);
    }

    @Test
    void aClassThatExtendsItselfIsNone() throws IOException {
        byte[] bytes = serialized(new HashSet<>());
        int parentAt = bytes.length - 1 - 2 - 12 - 1; // null, before 12 bytes in a block and their end
        assertThat(bytes[parentAt]).isEqualTo((byte) 0x70);
        ByteArrayOutputStream other = new ByteArrayOutputStream();
        other.write(bytes, 0, parentAt);
        other.write(new byte[] {0x71, 0, 0x7E, 0, 0}); // the first handle
        other.write(bytes, parentAt + 1, bytes.length - parentAt - 1);
        assertThatThrownBy(() -> SerializedGraph.parts(other.toByteArray(), HASH_SET))
                .isInstanceOf(StreamCorruptedException.class)
                .hasMessageContaining("extends");
    }

    @Test
    void aStringOfNegativeLengthIsEmptyAsInTheJdk() throws IOException {
        byte[] bytes = serialized("x".repeat(70_000));
        bytes[5] = (byte) 0x80; // behind header and code
        assertThat(readByTheJdk(bytes)).isTrue();
        assertThat(readHere(bytes)).isTrue();
    }

    private static boolean readByTheJdk(byte[] bytes) {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            in.setObjectInputFilter(info -> info.arrayLength() > bytes.length
                    ? java.io.ObjectInputFilter.Status.REJECTED
                    : java.io.ObjectInputFilter.Status.ALLOWED);
            in.readObject();
            return true;
        } catch (IOException | ClassNotFoundException | RuntimeException | VirtualMachineError | LinkageError e) {
            return false;
        }
    }

    private static boolean readHere(byte[] bytes) {
        try {
            SerializedGraph.parts(bytes, HASH_SET);
            return true;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    @Test
    void whateverTheJdkReadsIsReadHereToo() throws IOException {
        long seed = Long.getLong("larchmq.seed", System.nanoTime());
        Random random = new Random(seed);
        List<Object> samples = List.of(
                new HashMap<>(Map.of("a", new BigDecimal("1.50"), "b", new ArrayList<>(List.of(1L, 'c')))),
                new EnumMap<>(Map.of(DayOfWeek.MONDAY, new int[] {1, 2}, DayOfWeek.FRIDAY, new long[2][1])),
                new Vector<>(List.of(ZonedDateTime.parse("2026-01-01T00:00:00Z"), String.class, "x".repeat(70_000))),
                new TreeMap<>(Map.of("k", Collections.unmodifiableSet(new HashSet<>(Set.of(1, 2))))),
                new IllegalStateException("with a parent and a trace", new java.io.IOException("cause")),
                Arrays.asList(new String[] {"a", "a", null}, List.of(), Map.of("k", 1.5)));
        int readable = 0;
        for (Object sample : samples) {
            byte[] whole = serialized(sample);
            assertThat(readHere(whole)).as(sample.getClass().getName()).isTrue();
            for (int i = 0; i < 800; i++) {
                byte[] bytes = whole.clone();
                bytes[random.nextInt(Math.min(bytes.length, 2_000))] = (byte) random.nextInt();
                boolean isReadHere = readHere(bytes);
                if (!readByTheJdk(bytes)) continue;
                assertThat(isReadHere)
                        .as("seed=%d sample=%s i=%d", seed, sample.getClass(), i)
                        .isTrue();
                readable++;
            }
        }
        assertThat(readable).isGreaterThan(100);
    }
}
