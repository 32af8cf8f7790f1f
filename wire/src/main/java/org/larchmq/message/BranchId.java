package org.larchmq.message;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Identifies a branch of a distributed transaction: an XA Xid by value.
 *
 * <pre>
 * | bytes | field           | meaning                                             |
 * |     4 | formatId        | the transaction manager's; -1 would mean no branch  |
 * |     1 | globalBytes     | 1 to 64                                             |
 * |     n | globalId        | which transaction                                   |
 * |     1 | qualifierBytes  | 0 to 64                                             |
 * |     n | qualifier       | which of its branches                               |
 * </pre>
 *
 * As text: formatId, globalId and qualifier in hexadecimal digits, joined by colons.
 */
public final class BranchId {
    /** Longest globalId and longest qualifier. */
    public static final int MAX_PART_BYTES = 64;

    private static final HexFormat HEX = HexFormat.of();

    private final int formatId;
    private final byte[] globalId;
    private final byte[] qualifier;

    /** @throws IllegalArgumentException when a part has not the size it must have, or formatId is -1 */
    public BranchId(int formatId, byte[] globalId, byte[] qualifier) {
        if (formatId == -1) throw new IllegalArgumentException("a branch with formatId -1 is none");
        if (globalId.length < 1 || globalId.length > MAX_PART_BYTES) {
            throw new IllegalArgumentException("a global transaction id of " + globalId.length + " bytes");
        }
        if (qualifier.length > MAX_PART_BYTES) {
            throw new IllegalArgumentException("a branch qualifier of " + qualifier.length + " bytes");
        }
        this.formatId = formatId;
        this.globalId = globalId.clone();
        this.qualifier = qualifier.clone();
    }

    public int formatId() {
        return formatId;
    }

    public byte[] globalId() {
        return globalId.clone();
    }

    public byte[] qualifier() {
        return qualifier.clone();
    }

    public void encode(ByteWriter out) {
        out.putInt(formatId).putByte(globalId.length).putBytes(globalId);
        out.putByte(qualifier.length).putBytes(qualifier);
    }

    /** @throws ProtocolException when the bytes are no branch id */
    public static BranchId decode(ByteReader in) {
        int formatId = in.getInt();
        byte[] globalId = in.getBytes(partBytes(in));
        byte[] qualifier = in.getBytes(partBytes(in));
        try {
            return new BranchId(formatId, globalId, qualifier);
        } catch (IllegalArgumentException e) {
            throw ProtocolException.malformed(e.getMessage());
        }
    }

    private static int partBytes(ByteReader in) {
        int bytes = in.getUnsignedByte();
        if (bytes > MAX_PART_BYTES) throw ProtocolException.malformed("a part of a branch id of " + bytes + " bytes");
        return bytes;
    }

    /** @throws IllegalArgumentException when the text is not what {@link #toString} gives */
    public static BranchId parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) throw new IllegalArgumentException("no branch id: '" + text + "'");
        try {
            return new BranchId(Integer.parseInt(parts[0]), HEX.parseHex(parts[1]), HEX.parseHex(parts[2]));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("no branch id: '" + text + "' (" + e.getMessage() + ")", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BranchId that
                && formatId == that.formatId
                && Arrays.equals(globalId, that.globalId)
                && Arrays.equals(qualifier, that.qualifier);
    }

    @Override
    public int hashCode() {
        return (31 * Arrays.hashCode(globalId) + Arrays.hashCode(qualifier)) * 31 + formatId;
    }

    @Override
    public String toString() {
        return formatId + ":" + HEX.formatHex(globalId) + ":" + HEX.formatHex(qualifier);
    }
}
