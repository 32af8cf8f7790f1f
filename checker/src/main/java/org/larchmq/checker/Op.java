package org.larchmq.checker;

/** What a history record is about. The code is the name in files; a code never changes its meaning. */
public enum Op {
    /** A message was handed to the provider. {@code invoke} before the call, then ok, fail or info. */
    SEND("send"),
    /** End of a transaction ({@code tx}) by commit. */
    COMMIT("commit"),
    /** End of a transaction ({@code tx}) by rollback, or of a session's unit without one. */
    ROLLBACK("rollback"),
    /**
     * A branch of a distributed transaction ({@code tx}) is prepared. Its COMMIT or ROLLBACK is then the transaction
     * manager's decision; fail means that the resource refused it, info that nobody knows yet.
     */
    PREPARE("prepare"),
    /** A scan for prepared branches finds {@code tx}. */
    XA_LISTED("xa-listed"),
    /** A scan for prepared branches is complete; while it runs nothing is prepared or decided. */
    XA_SCAN("xa-scan"),
    /** A message was handed to the application; phase ok. info: it is in doubt, and so may the message be. */
    DELIVER("deliver"),
    /** Acknowledgement: of the message {@code mid}, or of everything the session was delivered. fail: the application refused it. */
    ACK("ack"),
    /** Session.recover(). */
    RECOVER("recover"),
    /** A session begins; carries {@code ackMode} and {@code window}. */
    OPEN("open"),
    /** A consumer on {@code dest}; {@code sub} names the subscription of a topic. */
    SUBSCRIBE("subscribe"),
    /** The consumer is closed ({@code durable}: the durable subscription is deleted). */
    UNSUBSCRIBE("unsubscribe"),
    /** Session.close(). ok: everything an AUTO_ACKNOWLEDGE session consumed counts as acknowledged. */
    CLOSE("close"),
    /** The session found its connection broken and will do nothing more. */
    LOST("lost"),
    /**
     * The session is connected again after a failure (fail-over). info: its provider does so by itself, whenever the broker
     * fails, and the moment is not known.
     */
    RESUMED("resumed"),
    /**
     * The broker is about to be killed, or power is about to fail. When the moment is not known beforehand: written when
     * the end is noticed, and always before the broker is started again.
     */
    BROKER_KILL("broker-kill"),
    /**
     * The broker accepts clients again. invoke: it is about to be started, the former one has ended, and the clients have
     * come to rest; a session that fails over has everything before this from the former, everything after it from the
     * next.
     */
    BROKER_START("broker-start"),
    /** The client process {@code proc} is about to be killed; written before it happens. */
    CLIENT_KILL("client-kill"),
    /** A fault rig damaged stored bytes. */
    DAMAGE("damage"),
    /** The broker reported damage: {@code file}, {@code offset}, and {@code mid} when it names the message. */
    DAMAGE_REPORT("damage-report"),
    /** Everything was drained until quiet: what has not arrived by now is gone. */
    DRAINED("drained");

    private final String code;

    Op(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }

    static Op ofCode(String code) {
        for (Op op : values()) {
            if (op.code.equals(code)) return op;
        }
        throw new IllegalArgumentException("unknown op " + code);
    }
}
