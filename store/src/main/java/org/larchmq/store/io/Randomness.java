package org.larchmq.store.io;

import java.security.SecureRandom;

/** Unpredictable numbers, so that a test can own them. Safe from any thread. */
@FunctionalInterface
public interface Randomness {
    /** 64 bits that nobody outside can guess. */
    long nextLong();

    /** The random numbers of this machine. */
    static Randomness secure() {
        SecureRandom random = new SecureRandom();
        random.nextLong(); // seeds it now, when it can still open what it reads from
        return random::nextLong;
    }
}
