package org.larchmq.server.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.larchmq.broker.settings.Authenticator;

/**
 * A random password that a broker makes at every start and leaves in its data directory, readable by its owner only:
 * whoever can read the directory may ask the broker for its status without being a user.
 */
public final class LocalSecret {
    /** Who logs in with it. No user can be called this. */
    public static final String USER = Authenticator.OPERATOR;

    private final byte[] text;

    private LocalSecret(byte[] text) {
        this.text = text;
    }

    public static LocalSecret random() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return new LocalSecret(Base64.getUrlEncoder().withoutPadding().encode(random));
    }

    /** What goes into the file. */
    public String text() {
        return new String(text, StandardCharsets.US_ASCII);
    }

    boolean matches(String password) {
        return MessageDigest.isEqual(text, password.getBytes(StandardCharsets.UTF_8));
    }
}
