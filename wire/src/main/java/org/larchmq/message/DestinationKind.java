package org.larchmq.message;

/** What a destination is; the number travels on the wire and in messages (JMSReplyTo). */
public enum DestinationKind {
    QUEUE(0),
    TOPIC(1),
    TEMPORARY_QUEUE(2),
    TEMPORARY_TOPIC(3);

    private static final DestinationKind[] BY_NUMBER = values();
    private final byte number;

    DestinationKind(int number) {
        this.number = (byte) number;
    }

    public byte number() {
        return number;
    }

    public boolean isTopic() {
        return this == TOPIC || this == TEMPORARY_TOPIC;
    }

    public boolean isTemporary() {
        return this == TEMPORARY_QUEUE || this == TEMPORARY_TOPIC;
    }

    /** @throws ProtocolException for a number that is no kind */
    public static DestinationKind of(int number) {
        if (number < 0 || number >= BY_NUMBER.length)
            throw ProtocolException.malformed("no destination kind " + number);
        return BY_NUMBER[number];
    }
}
