package org.larchmq.store.io;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** What a lock file says: the holder's process id and its CRC32C in hexadecimal, for a reader with {@code cat}. */
final class LockText {
    private LockText() {}

    static String of(long processId) {
        String holder = Long.toString(processId);
        return "%s %08x\n".formatted(holder, checksum(holder));
    }

    /** The holder, as far as the text is one. */
    static String holder(String text) {
        return text.strip().split(" ")[0];
    }

    /** Whether it is what was written; an empty file is, for the process may have died before it wrote. */
    static boolean isWhole(String text) {
        if (text.isEmpty()) return true;
        int space = text.indexOf(' ');
        return space > 0 && text.substring(space).equals(" %08x\n".formatted(checksum(text.substring(0, space))));
    }

    private static int checksum(String holder) {
        CRC32C crc = new CRC32C();
        crc.update(holder.getBytes(StandardCharsets.ISO_8859_1));
        return (int) crc.getValue();
    }
}
