package org.larchmq.message;

import java.util.HashMap;
import java.util.Map;

/**
 * Why a request was refused. The number travels on the wire and never changes its meaning; the text that accompanies
 * it says which object and what to do next. Applications see {@link #text()} as {@code JMSException.getErrorCode()}.
 */
public enum ErrorCode {
    OK(0),
    /** The peer broke the protocol: a bug or a stranger; the connection is closed. */
    PROTOCOL(1),
    /** No common protocol version. */
    VERSION(2),
    /** User or password not accepted. */
    AUTHENTICATION(3),
    /** The user may not do this to this destination. */
    AUTHORIZATION(4),
    /** The client id is malformed or in use. */
    INVALID_CLIENT_ID(5),
    /** The destination does not exist, was deleted, or its name is malformed. */
    INVALID_DESTINATION(6),
    /** The selector does not parse. */
    INVALID_SELECTOR(7),
    /** A message, or a transaction, above the configured size. */
    MESSAGE_TOO_LARGE(8),
    /** The store is at its disk high-water mark; sending resumes by itself when space is free. */
    DISK_FULL(9),
    /** The memory budget for unsettled non-persistent messages is used up. */
    MEMORY_FULL(10),
    /** A count is at its limit: connections, consumers, destinations, sessions, requests in flight. */
    LIMIT_REACHED(11),
    /** The transaction is not known here, for example after the connection was lost. */
    TRANSACTION_UNKNOWN(12),
    /** The consumer is not known here. */
    CONSUMER_UNKNOWN(13),
    /** The destination still has consumers. */
    DESTINATION_IN_USE(14),
    /** The broker is stopping. */
    STOPPING(15),
    /** The broker failed to do it; its log says why. */
    INTERNAL(16),
    /** The feature is not available in this version. */
    UNSUPPORTED(17),
    /** The request's arguments contradict each other or the state of the connection. */
    ILLEGAL_STATE(18),
    /** The subscription has an active consumer, or messages of it are not settled. */
    SUBSCRIPTION_IN_USE(19),
    /** A durable subscription of this name exists as shared and is asked for as unshared, or the other way round. */
    SUBSCRIPTION_CONFLICT(20),
    /** There is no durable subscription of this name for this client id. */
    SUBSCRIPTION_UNKNOWN(21),
    /** The transaction branch is not known here, or is another user's. */
    XA_UNKNOWN(26),
    /** There is a transaction branch of this id already. */
    XA_DUPLICATE(27),
    /** The transaction branch is not in a state in which this is possible. */
    XA_PROTOCOL(28),
    /** The transaction branch was rolled back: its connection was lost, it timed out, or part of it was refused. */
    XA_ROLLED_BACK(29),
    /** An administrator has decided the transaction branch already. */
    XA_HEURISTIC(30),
    /** A message sent again after a reconnect: the broker does not remember whether it has stored it already. */
    OUTCOME_FORGOTTEN(31),
    /** A message sent again after a reconnect: it was refused before, and later ones of its session are stored. */
    REFUSED_BEFORE(32);

    private static final Map<Integer, ErrorCode> BY_NUMBER = new HashMap<>();

    static {
        for (ErrorCode code : values()) BY_NUMBER.put(code.number, code);
    }

    private final int number;

    ErrorCode(int number) {
        this.number = number;
    }

    /** The number on the wire, 0 to 65535. */
    public int number() {
        return number;
    }

    /** Stable text for applications, for example {@code LARCH-9-DISK_FULL}. */
    public String text() {
        return "LARCH-" + number + "-" + name();
    }

    /** The code of a number; a number of a newer peer is {@link #INTERNAL}. */
    public static ErrorCode of(int number) {
        return BY_NUMBER.getOrDefault(number, INTERNAL);
    }
}
