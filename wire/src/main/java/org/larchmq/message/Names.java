package org.larchmq.message;

import java.nio.charset.StandardCharsets;

/** Rules for the names of destinations, clients, subscriptions and users. */
public final class Names {
    /** Longest destination, client id, subscription or user name in encoded bytes. */
    public static final int MAX_NAME_BYTES = 1024;

    private static final String HALF_A_CHARACTER =
            "half of a character (an unpaired surrogate), which cannot be encoded; leave it out";

    private Names() {}

    /** @throws ProtocolException INVALID_CLIENT_ID when it cannot be one */
    public static String checkClientId(String clientId) {
        if (!fits(clientId)) {
            throw new ProtocolException(
                    ErrorCode.INVALID_CLIENT_ID, "a client id is longer than " + MAX_NAME_BYTES + " encoded bytes");
        }
        int control = firstControl(clientId);
        if (control >= 0) {
            throw new ProtocolException(
                    ErrorCode.INVALID_CLIENT_ID, "a client id has a control character at " + control);
        }
        if (!isText(clientId)) {
            throw new ProtocolException(ErrorCode.INVALID_CLIENT_ID, "a client id has " + HALF_A_CHARACTER);
        }
        return clientId;
    }

    private static boolean fits(String name) {
        return name.length() <= MAX_NAME_BYTES && name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
    }

    private static int firstControl(String name) {
        for (int i = 0; i < name.length(); i++) if (Character.isISOControl(name.charAt(i))) return i;
        return -1;
    }

    /** @throws ProtocolException INVALID_DESTINATION when the name cannot be one */
    public static String checkName(String name) {
        if (name.isEmpty()) throw new ProtocolException(ErrorCode.INVALID_DESTINATION, "a destination name is empty");
        if (!fits(name)) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION,
                    "a destination name is longer than " + MAX_NAME_BYTES + " encoded bytes");
        }
        int control = firstControl(name);
        if (control >= 0) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION, "a destination name has a control character at " + control);
        }
        if (!isText(name)) {
            throw new ProtocolException(ErrorCode.INVALID_DESTINATION, "a destination name has " + HALF_A_CHARACTER);
        }
        return name;
    }

    /** Whether it can be encoded: a Java string can have unpaired surrogates, which are no characters. */
    public static boolean isText(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!Character.isSurrogate(c)) continue;
            boolean isPair = i + 1 < name.length() && Character.isSurrogatePair(c, name.charAt(i + 1));
            if (!isPair) return false;
            i++;
        }
        return true;
    }
}
