package org.larchmq.jms.error;

import org.larchmq.message.ErrorCode;

/** The broker's own words: cause and linked exception of what the application catches. */
public final class BrokerRefusal extends Exception {
    private final ErrorCode code;

    public BrokerRefusal(ErrorCode code, String text) {
        super(code.text() + ": " + text, null, false, false);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
