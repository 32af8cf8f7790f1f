package org.larchmq.checker;

import java.util.Objects;

/**
 * The harness' own name of a message, carried in its body or properties: independent of what the provider calls it.
 * {@code seq} increases by one per (producer, session, dest); gaps are allowed.
 */
public record Mid(String producer, String session, String dest, long seq) {
    public Mid {
        Objects.requireNonNull(producer, "producer");
        Objects.requireNonNull(session, "session");
        Objects.requireNonNull(dest, "dest");
        if (seq < 0) throw new IllegalArgumentException("seq must not be negative: " + seq);
    }

    @Override
    public String toString() {
        return producer + "/" + session + "/" + dest + "#" + seq;
    }
}
