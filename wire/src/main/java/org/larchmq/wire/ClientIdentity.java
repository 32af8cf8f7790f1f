package org.larchmq.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names that only one client can use, computed by both ends from its user and its {@link ClientSecret}: ids of producers,
 * and the owner's part in names of temporary destinations. Whoever reads such a name, in a message id or a JMSReplyTo,
 * cannot compute the secret from it, and so can neither send as that producer nor restore that destination.
 *
 * <p>Each name is the beginning of a SHA-256 over a purpose, the user and the secret. Immutable.
 */
public final class ClientIdentity {
    private static final int OWNER_BYTES = 16;

    private final String user;
    private final ClientSecret secret;

    /** @param user who has logged in; empty for nobody */
    public ClientIdentity(String user, ClientSecret secret) {
        this.user = user;
        this.secret = secret;
    }

    /**
     * Computes the id of one of the client's producers.
     *
     * @param index which producer: any number that the client uses once per connection of the application
     */
    public long producerId(int index) {
        return ByteBuffer.wrap(digest("larchmq-producer", index)).getLong();
    }

    /** Computes what stands in the names of the client's temporary destinations: 32 hexadecimal digits. */
    public String owner() {
        return HexFormat.of().formatHex(digest("larchmq-owner", 0), 0, OWNER_BYTES);
    }

    private byte[] digest(String purpose, int index) {
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        MessageDigest digest = sha256();
        digest.update(purpose.getBytes(StandardCharsets.US_ASCII));
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(name.length).flip());
        digest.update(name);
        digest.update(secret.bytes());
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(index).flip());
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClientIdentity identity && user.equals(identity.user) && secret.equals(identity.secret);
    }

    @Override
    public int hashCode() {
        return 31 * user.hashCode() + secret.hashCode();
    }

    /** Shows the user only. */
    @Override
    public String toString() {
        return "ClientIdentity[user=" + user + "]";
    }
}
