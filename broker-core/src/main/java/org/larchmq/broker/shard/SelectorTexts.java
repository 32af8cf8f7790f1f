package org.larchmq.broker.shard;

import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;

/**
 * How long the selectors of all open consumers and browsers are together: what they take of the heap grows with that. Shard
 * thread only.
 */
final class SelectorTexts {
    /** Characters of the selectors of one connection. */
    static final long MOST_OF_A_CONNECTION = 2_000_000;
    /** Characters of the selectors of all connections. */
    static final long MOST_OF_ALL = 20_000_000;

    private long all;

    /** @throws ProtocolException LIMIT_REACHED when another selector of this length is too much */
    void check(ClientConnection connection, int chars) {
        if (connection.selectorChars() + chars > MOST_OF_A_CONNECTION) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_REACHED,
                    "the selectors of this connection's consumers have " + connection.selectorChars()
                            + " characters, of at most " + MOST_OF_A_CONNECTION
                            + "; close consumers that are not needed, or use shorter selectors");
        }
        if (all + chars > MOST_OF_ALL) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_REACHED,
                    "the selectors of all consumers of the broker have " + all + " characters, of at most "
                            + MOST_OF_ALL + "; close consumers that are not needed, or use shorter selectors");
        }
    }

    /** A new consumer or browser has a selector. */
    void add(ClientConnection connection, int consumerId, int chars) {
        connection.hasSelector(consumerId, chars);
        all += chars;
    }

    /** The end of a consumer or browser. */
    void remove(ClientConnection connection, int consumerId) {
        all -= connection.endsSelector(consumerId);
    }

    /** The end of a connection. */
    void removeAll(ClientConnection connection) {
        all -= connection.endsSelectors();
    }

    /** Characters of the selectors of all connections. */
    long all() {
        return all;
    }
}
