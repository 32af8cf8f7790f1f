package org.larchmq.server.security;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Credentials that were right lately, so that a thousand connections of one application cost one password hash. Holds
 * keyed digests, never passwords; the key lives as long as the process. Safe for any thread.
 */
final class RecentSuccesses {
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;
    private final Map<String, Users> validFor;

    /** @param size credentials remembered; the one unused for longest is forgotten first */
    RecentSuccesses(int size, SecureRandom random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        key = new SecretKeySpec(bytes, ALGORITHM);
        validFor = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Users> eldest) {
                return size() > size;
            }
        };
    }

    /** What stands for the credentials in here. */
    String digest(String user, String password) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(user.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0); // names have no control characters: the boundary is unambiguous
            mac.update(password.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HmacSHA256, which every Java must have", e);
        }
    }

    /** Whether they were right for this very state of the users file. */
    synchronized boolean contains(String digest, Users users) {
        return validFor.get(digest) == users;
    }

    synchronized void add(String digest, Users users) {
        validFor.put(digest, users);
    }

    synchronized int size() {
        return validFor.size();
    }
}
