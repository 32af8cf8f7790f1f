package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import org.larchmq.message.MessageLayout;

/**
 * What stands in place of the body of a large message ({@link MessageLayout#FLAG_LARGE}) in its MESSAGE_STORED entry: the
 * body's parts are entries of their own, LARGE_PART, before it in the log. Big-endian:
 *
 * <pre>
 * | bytes | field          | meaning                          |
 * |     4 | bodyBytes      | size of the whole body           |
 * |     4 | parts          |                                  |
 * |       | per part       |                                  |
 * |     8 | physicalOffset | where the part's entry is        |
 * |     4 | entryBytes     | size of that entry               |
 * </pre>
 */
public final class LargeBody {
    private static final int HEADER_BYTES = 8;
    private static final int PART_BYTES = 12;

    private LargeBody() {}

    /** Size of the list for so many parts. */
    public static int listBytes(int parts) {
        return HEADER_BYTES + parts * PART_BYTES;
    }

    /** Begins a list at the buffer's position. */
    public static void begin(ByteBuffer out, int bodyBytes, int parts) {
        out.putInt(bodyBytes).putInt(parts);
    }

    public static void addPart(ByteBuffer out, long physicalOffset, int entryBytes) {
        out.putLong(physicalOffset).putInt(entryBytes);
    }

    // of the stored message that begins at an index

    /** Size of the whole body. */
    public static int bodyBytes(ByteBuffer message, int at) {
        return message.getInt(MessageLayout.bodyAt(message, at));
    }

    public static int parts(ByteBuffer message, int at) {
        return message.getInt(MessageLayout.bodyAt(message, at) + 4);
    }

    public static long physicalOffset(ByteBuffer message, int at, int part) {
        return message.getLong(MessageLayout.bodyAt(message, at) + HEADER_BYTES + part * PART_BYTES);
    }

    /** Says where a part is now; its entry has the same size. */
    public static void movePart(ByteBuffer message, int at, int part, long newPhysicalOffset) {
        message.putLong(MessageLayout.bodyAt(message, at) + HEADER_BYTES + part * PART_BYTES, newPhysicalOffset);
    }

    public static int entryBytes(ByteBuffer message, int at, int part) {
        return message.getInt(MessageLayout.bodyAt(message, at) + HEADER_BYTES + part * PART_BYTES + 8);
    }
}
