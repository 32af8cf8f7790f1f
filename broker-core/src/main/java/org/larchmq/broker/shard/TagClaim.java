package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;
import org.larchmq.message.Utf8;

/**
 * Checks that the tag hash in a message's head is that of its property {@value MessageLayout#TAG_PROPERTY}. Consumers are
 * found by the hash; with a wrong one a message would be passed over by those that want it. Properties that are malformed
 * are left to their readers.
 */
final class TagClaim {
    private static final byte[] NAME = MessageLayout.TAG_PROPERTY.getBytes(StandardCharsets.US_ASCII);
    /** Bytes of a value by its type; -1 for those that have a length in front, -2 for types that there are not. */
    private static final int[] VALUE_BYTES = {0, 1, 1, 2, 4, 8, 4, 8, -1, -2, -2};

    private static final int STRING = 8;

    private TagClaim() {}

    /** @throws ProtocolException PROTOCOL when the hash is another one */
    static void check(ByteBuffer buffer, int at) {
        int from = MessageLayout.propertiesAt(buffer, at);
        int claimed = MessageLayout.tagHash(buffer, at);
        int count = buffer.getShort(from) & 0xFFFF;
        if (count == 0 && claimed == 0) return;
        int end = from + buffer.getInt(at + MessageLayout.PROPERTY_SIZE);
        int actual = count == 0 ? 0 : tagHash(buffer, from + 2, end, count, claimed);
        if (actual != claimed) {
            throw ProtocolException.malformed("a message has the tag hash " + claimed + ", and its property "
                    + MessageLayout.TAG_PROPERTY + " the hash " + actual);
        }
    }

    /** 0 without a tag; what is claimed when the properties are malformed. */
    private static int tagHash(ByteBuffer buffer, int from, int end, int count, int claimed) {
        int at = from;
        for (int i = 0; i < count; i++) {
            if (end - at < 3) return claimed;
            int nameBytes = buffer.getShort(at) & 0xFFFF;
            if (nameBytes > end - at - 3) return claimed;
            int valueAt = at + 2 + nameBytes + 1;
            int type = buffer.get(valueAt - 1);
            if (type < 0 || type >= VALUE_BYTES.length || VALUE_BYTES[type] == -2) return claimed;
            int valueBytes = VALUE_BYTES[type];
            if (valueBytes < 0) {
                if (end - valueAt < 4) return claimed;
                valueBytes = buffer.getInt(valueAt);
                valueAt += 4;
            }
            if (valueBytes < 0 || valueBytes > end - valueAt) return claimed;
            if (nameBytes == NAME.length && isTag(buffer, at + 2)) {
                return type == STRING ? hash(buffer, valueAt, valueBytes) : 0;
            }
            at = valueAt + valueBytes;
        }
        return 0;
    }

    private static boolean isTag(ByteBuffer buffer, int at) {
        for (int i = NAME.length - 1; i >= 0; i--) if (buffer.get(at + i) != NAME[i]) return false;
        return true;
    }

    /** Without a copy for what most tags are, ASCII. */
    private static int hash(ByteBuffer buffer, int at, int length) {
        int hash = 0;
        for (int i = 0; i < length; i++) {
            byte c = buffer.get(at + i);
            if (c < 0) return hashOfText(buffer, at, length);
            hash = 31 * hash + c;
        }
        return hash == 0 ? 1 : hash;
    }

    private static int hashOfText(ByteBuffer buffer, int at, int length) {
        byte[] bytes = new byte[length];
        buffer.get(at, bytes);
        return MessageLayout.tagHash(Utf8.decode(bytes, 0, length));
    }
}
