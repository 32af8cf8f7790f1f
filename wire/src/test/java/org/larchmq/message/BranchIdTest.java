package org.larchmq.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Branch ids: equal by value, the same after a way through bytes or text, refused when they cannot be. */
class BranchIdTest {
    @Test
    void aBranchIdIsReadAsItWasWritten() {
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            byte[] global = new byte[1 + random.nextInt(64)];
            byte[] qualifier = new byte[random.nextInt(65)];
            random.nextBytes(global);
            random.nextBytes(qualifier);
            int format = random.nextInt(4) - 4;
            if (format == -1) format = 131_077;
            BranchId id = new BranchId(format, global, qualifier);
            ByteWriter out = new ByteWriter(16);
            id.encode(out);
            BranchId read = BranchId.decode(new ByteReader(out.toByteBuffer()));
            assertEquals(id, read);
            assertEquals(id.hashCode(), read.hashCode());
            assertEquals(id, BranchId.parse(id.toString()));
        }
    }

    @Test
    void idsThatDifferInOnePartAreDifferent() {
        BranchId id = new BranchId(1, new byte[] {1}, new byte[] {2});
        assertNotEquals(id, new BranchId(2, new byte[] {1}, new byte[] {2}));
        assertNotEquals(id, new BranchId(1, new byte[] {1, 2}, new byte[] {}));
        assertNotEquals(id, new BranchId(1, new byte[] {1}, new byte[] {3}));
    }

    @Test
    void partsThatAreTooShortOrTooLongAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new BranchId(1, new byte[0], new byte[1]));
        assertThrows(IllegalArgumentException.class, () -> new BranchId(1, new byte[65], new byte[1]));
        assertThrows(IllegalArgumentException.class, () -> new BranchId(1, new byte[1], new byte[65]));
        assertThrows(IllegalArgumentException.class, () -> new BranchId(-1, new byte[1], new byte[1]));
        for (byte[] bytes : new byte[][] {
            {0, 0, 0, 1, 0, 0}, {0, 0, 0, 1, 65, 0}, {0, 0, 0, 1, -1}, {-1, -1, -1, -1, 1, 7, 0}, {0, 0, 0, 1, 1, 7, 70}
        }) {
            assertThrows(ProtocolException.class, () -> BranchId.decode(new ByteReader(ByteBuffer.wrap(bytes))));
        }
        for (String text : new String[] {"", "1", "1:2:3", "1:zz:", "-1:01:", "x:01:02", "1::02"}) {
            assertThrows(IllegalArgumentException.class, () -> BranchId.parse(text), text);
        }
    }
}
