package org.larchmq.wire;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * What a client proves its identity with when it comes back: 32 random bytes, chosen once per connection of the
 * application and said in every HELLO of it, and nowhere else. Immutable; never shown.
 */
public final class ClientSecret {
    /** Bytes of a secret. */
    public static final int BYTES = 32;

    private final byte[] bytes;

    private ClientSecret(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Makes a new secret, which nobody can guess. */
    public static ClientSecret random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new ClientSecret(bytes);
    }

    /** Makes the secret that consists of these 32 bytes. @throws IllegalArgumentException for another number of bytes */
    public static ClientSecret of(byte[] bytes) {
        if (bytes.length != BYTES) throw new IllegalArgumentException("a secret has 32 bytes, not " + bytes.length);
        return new ClientSecret(bytes.clone());
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClientSecret secret && Arrays.equals(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Does not show the secret. */
    @Override
    public String toString() {
        return "ClientSecret[hidden]";
    }
}
