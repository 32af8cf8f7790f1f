package org.larchmq.server.cli;

import org.larchmq.server.process.BrokerProcess;

/** Exit codes of every command; documented in docs/configuration.md. */
public final class ExitCodes {
    public static final int OK = 0;

    /** It was tried and did not work; the message says why. */
    public static final int FAILED = 1;

    /** The command line or the configuration cannot be used; nothing was tried. */
    public static final int USAGE = 2;

    /** No broker is running there (stop, status). */
    public static final int NOT_RUNNING = 3;

    /** The data directory holds damage (verify). */
    public static final int DAMAGED = 4;

    /** The broker has stopped itself after a failure. */
    public static final int BROKER_FAILED = BrokerProcess.BROKER_FAILED;

    private ExitCodes() {}
}
