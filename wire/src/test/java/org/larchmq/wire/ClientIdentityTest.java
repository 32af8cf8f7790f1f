package org.larchmq.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Names that only one client can use. */
class ClientIdentityTest {
    private final ClientIdentity alice = new ClientIdentity("alice", Samples.secret(1));

    @Test
    void bothEndsComputeTheSameNames() {
        ClientIdentity again = new ClientIdentity("alice", Samples.secret(1));
        assertEquals(alice, again);
        assertEquals(alice.producerId(7), again.producerId(7));
        assertEquals(alice.owner(), again.owner());
    }

    /** Kept here as numbers: a change would cut off clients and stored names of another release. */
    @Test
    void theNamesAreThoseOfTheDocumentation() {
        assertEquals(PRODUCER_0, Long.toHexString(alice.producerId(0)));
        assertEquals(OWNER, alice.owner());
    }

    private static final String PRODUCER_0 = "cee0f2a2dec86f2c";
    private static final String OWNER = "642140c7c8491baa8940741884e922bd";

    @Test
    void namesDifferByUserSecretAndIndex() {
        assertNotEquals(alice.producerId(0), alice.producerId(1));
        assertNotEquals(alice.producerId(0), new ClientIdentity("alice", Samples.secret(2)).producerId(0));
        assertNotEquals(alice.producerId(0), new ClientIdentity("bob", Samples.secret(1)).producerId(0));
        assertNotEquals(alice.owner(), new ClientIdentity("", Samples.secret(1)).owner());
    }

    @Test
    void randomSecretsDifferAndAreNotShown() {
        ClientSecret one = ClientSecret.random();
        assertNotEquals(one, ClientSecret.random());
        assertEquals("ClientSecret[hidden]", one.toString());
        assertFalse(Frames.Hello.once("", "", "", "", 0).toString().contains("secret"));
        assertTrue(new ClientIdentity("u", one).toString().endsWith("[user=u]"));
    }

    @Test
    void aSecretHas32Bytes() {
        assertThrows(IllegalArgumentException.class, () -> ClientSecret.of(new byte[31]));
    }
}
