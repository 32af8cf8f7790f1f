package org.larchmq.bench.rig;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.larchmq.checker.Mid;

/**
 * A message body that knows its sender and its own check sum, big-endian:
 * | offset | bytes | field    | meaning                                   |
 * |      0 |     4 | magic    | 0x4c4d5147                                |
 * |      4 |     4 | crc      | CRC32C of everything from offset 8        |
 * |      8 |     8 | seq      |                                           |
 * |     16 |  2+n  | producer | length and UTF-8 bytes                    |
 * |      … |  2+n  | session  | the same                                  |
 * |      … |  2+n  | dest     | the same                                  |
 * |      … |  rest | filler   | from the seq, so that no two bodies equal |
 */
final class Body {
    private static final int MAGIC = 0x4c4d5147;
    private static final int CHECKED_FROM = 8;

    private Body() {}

    static byte[] of(Mid mid, int sizeBytes) {
        byte[] producer = mid.producer().getBytes(StandardCharsets.UTF_8);
        byte[] session = mid.session().getBytes(StandardCharsets.UTF_8);
        byte[] dest = mid.dest().getBytes(StandardCharsets.UTF_8);
        int needed = 16 + 6 + producer.length + session.length + dest.length;
        var body = ByteBuffer.allocate(Math.max(needed, sizeBytes));
        body.putInt(MAGIC).putInt(0).putLong(mid.seq());
        for (byte[] name : new byte[][] {producer, session, dest})
            body.putShort((short) name.length).put(name);
        long state = mid.seq() * 0x9e3779b97f4a7c15L + mid.session().hashCode();
        while (body.hasRemaining()) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            body.put((byte) (state >>> 56));
        }
        body.putInt(4, (int) crc(body.array(), CHECKED_FROM));
        return body.array();
    }

    /** CRC of the whole body: what history records compare. */
    static long crc(byte[] body) {
        return crc(body, 0);
    }

    private static long crc(byte[] body, int from) {
        var crc = new CRC32C();
        crc.update(body, from, body.length - from);
        return crc.getValue();
    }

    /** Empty when the bytes are not a body as it was sent. */
    static Optional<Mid> read(byte[] bytes) {
        var body = ByteBuffer.wrap(bytes);
        if (bytes.length < 22 || body.getInt() != MAGIC) return Optional.empty();
        if (body.getInt() != (int) crc(bytes, CHECKED_FROM)) return Optional.empty();
        long seq = body.getLong();
        return Optional.of(new Mid(name(body), name(body), name(body), seq));
    }

    private static String name(ByteBuffer body) {
        byte[] name = new byte[body.getShort()];
        body.get(name);
        return new String(name, StandardCharsets.UTF_8);
    }
}
