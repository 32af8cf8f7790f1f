package org.larchmq.checker;

/** INFO: the outcome is unknown (time-out, connection drop, exception on commit); either result is legal, spec 6.2.12. */
public enum Phase {
    INVOKE("invoke"),
    OK("ok"),
    FAIL("fail"),
    INFO("info");

    private final String code;

    Phase(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }

    static Phase ofCode(String code) {
        for (Phase phase : values()) {
            if (phase.code.equals(code)) return phase;
        }
        throw new IllegalArgumentException("unknown phase " + code);
    }
}
