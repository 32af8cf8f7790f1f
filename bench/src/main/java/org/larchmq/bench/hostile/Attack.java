package org.larchmq.bench.hostile;

/** One way to misuse a broker. Runs until the time is up or the broker has refused it; leaves its connections open till then. */
interface Attack {
    /** What it does, in a few words. */
    String name();

    /**
     * Attacks.
     *
     * @param until System.nanoTime at which it ends
     * @return what became of it, for the report
     * @throws Exception when the broker ended it, which is as it should be
     */
    String run(int port, long until) throws Exception;

    /** What an attack found that must not be: it is reported as a violation. */
    final class Succeeded extends Exception {
        private static final long serialVersionUID = 1;

        Succeeded(String what) {
            super(what);
        }
    }
}
