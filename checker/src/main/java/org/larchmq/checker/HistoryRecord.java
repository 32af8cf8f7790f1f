package org.larchmq.checker;

import java.util.Objects;

/**
 * One thing a client or a fault rig did or saw. Fields that do not apply are null, 0 or -1 as {@link Builder} has them.
 *
 * @param tMonoNanos monotonic clock, one for all processes of a run (System.nanoTime is that on one Linux machine)
 * @param wallMillis wall clock; needed for messages with a time to live or a delay
 * @param proc client process
 * @param session unique per connection: after a reconnect by hand a new name
 * @param dest destination, {@code topic:NAME} or {@code queue:NAME}; where a message was delivered, so the dead-letter
 *     queue for a dead letter, while {@code mid.dest} stays where it was sent
 * @param sub subscription of a topic; null for queues
 * @param deliveryCount JMSXDeliveryCount, -1 when not recorded
 * @param bodyCrc CRC of the body as sent, or as computed over what was received; -1 when not recorded
 * @param jmsId JMSMessageID; two of them for one {@code mid} are two stored copies (J6)
 * @param window messages whose acknowledgement may be unconfirmed in this session (op open); 0: the checker's setting
 */
public record HistoryRecord(
        long tMonoNanos,
        long wallMillis,
        String proc,
        String session,
        Op op,
        Phase phase,
        String dest,
        String sub,
        Mid mid,
        String tx,
        Mode mode,
        int priority,
        long ttlMillis,
        long delayMillis,
        String group,
        boolean redelivered,
        int deliveryCount,
        long bodyCrc,
        String jmsId,
        long expirationMillis,
        long deliveryTimeMillis,
        AckMode ackMode,
        int window,
        boolean durable,
        String selector,
        String file,
        long offset,
        String note) {

    public static final int DEFAULT_PRIORITY = 4;
    public static final String TOPIC_PREFIX = "topic:";
    public static final String QUEUE_PREFIX = "queue:";

    public HistoryRecord {
        Objects.requireNonNull(op, "op");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(mode, "mode");
        boolean aboutAMessage = op == Op.SEND || op == Op.DELIVER;
        if (aboutAMessage && mid == null) throw new IllegalArgumentException(op.code() + " needs a mid");
        if (aboutAMessage && session == null) throw new IllegalArgumentException(op.code() + " needs a session");
        if (op == Op.COMMIT && tx == null) throw new IllegalArgumentException("commit needs a tx");
    }

    public static boolean isTopic(String dest) {
        return dest.startsWith(TOPIC_PREFIX);
    }

    public static Builder of(Op op, Phase phase) {
        return new Builder(op, phase);
    }

    /** Collects the fields of one record; times default to now. */
    public static final class Builder {
        private final Op op;
        private final Phase phase;
        private long tMonoNanos = System.nanoTime();
        private long wallMillis = System.currentTimeMillis();
        private String proc;
        private String session;
        private String dest;
        private String sub;
        private Mid mid;
        private String tx;
        private Mode mode = Mode.PERSISTENT;
        private int priority = DEFAULT_PRIORITY;
        private long ttlMillis;
        private long delayMillis;
        private String group;
        private boolean redelivered;
        private int deliveryCount = -1;
        private long bodyCrc = -1;
        private String jmsId;
        private long expirationMillis;
        private long deliveryTimeMillis;
        private AckMode ackMode;
        private int window;
        private boolean durable;
        private String selector;
        private String file;
        private long offset = -1;
        private String note;

        private Builder(Op op, Phase phase) {
            this.op = op;
            this.phase = phase;
        }

        public Builder at(long tMonoNanos, long wallMillis) {
            this.tMonoNanos = tMonoNanos;
            this.wallMillis = wallMillis;
            return this;
        }

        public Builder proc(String proc) {
            this.proc = proc;
            return this;
        }

        public Builder session(String session) {
            this.session = session;
            return this;
        }

        public Builder dest(String dest) {
            this.dest = dest;
            return this;
        }

        public Builder sub(String sub) {
            this.sub = sub;
            return this;
        }

        /** Sets {@code dest} too, unless it was set to another before. */
        public Builder mid(Mid mid) {
            this.mid = mid;
            if (dest == null) dest = mid.dest();
            return this;
        }

        public Builder tx(String tx) {
            this.tx = tx;
            return this;
        }

        public Builder mode(Mode mode) {
            this.mode = mode;
            return this;
        }

        public Builder priority(int priority) {
            this.priority = priority;
            return this;
        }

        public Builder ttlMillis(long ttlMillis) {
            this.ttlMillis = ttlMillis;
            return this;
        }

        public Builder delayMillis(long delayMillis) {
            this.delayMillis = delayMillis;
            return this;
        }

        public Builder group(String group) {
            this.group = group;
            return this;
        }

        public Builder redelivered(boolean redelivered) {
            this.redelivered = redelivered;
            return this;
        }

        public Builder deliveryCount(int deliveryCount) {
            this.deliveryCount = deliveryCount;
            return this;
        }

        public Builder bodyCrc(long bodyCrc) {
            this.bodyCrc = bodyCrc;
            return this;
        }

        public Builder jmsId(String jmsId) {
            this.jmsId = jmsId;
            return this;
        }

        public Builder expirationMillis(long expirationMillis) {
            this.expirationMillis = expirationMillis;
            return this;
        }

        public Builder deliveryTimeMillis(long deliveryTimeMillis) {
            this.deliveryTimeMillis = deliveryTimeMillis;
            return this;
        }

        public Builder ackMode(AckMode ackMode) {
            this.ackMode = ackMode;
            return this;
        }

        public Builder window(int window) {
            this.window = window;
            return this;
        }

        public Builder durable(boolean durable) {
            this.durable = durable;
            return this;
        }

        public Builder selector(String selector) {
            this.selector = selector;
            return this;
        }

        public Builder file(String file) {
            this.file = file;
            return this;
        }

        public Builder offset(long offset) {
            this.offset = offset;
            return this;
        }

        public Builder note(String note) {
            this.note = note;
            return this;
        }

        public HistoryRecord build() {
            return new HistoryRecord(
                    tMonoNanos,
                    wallMillis,
                    proc,
                    session,
                    op,
                    phase,
                    dest,
                    sub,
                    mid,
                    tx,
                    mode,
                    priority,
                    ttlMillis,
                    delayMillis,
                    group,
                    redelivered,
                    deliveryCount,
                    bodyCrc,
                    jmsId,
                    expirationMillis,
                    deliveryTimeMillis,
                    ackMode,
                    window,
                    durable,
                    selector,
                    file,
                    offset,
                    note);
        }
    }
}
