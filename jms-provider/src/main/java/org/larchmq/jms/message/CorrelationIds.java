package org.larchmq.jms.message;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Correlation ids that were set as bytes. Bytes that are text in UTF-8 are that text everywhere, in selectors too; of
 * others the text is {@code ID:} and their hexadecimal digits, so that different ids have different texts.
 */
final class CorrelationIds {
    private CorrelationIds() {}

    static boolean isText(byte[] id) {
        return decoded(id) != null;
    }

    static String text(byte[] id) {
        String text = decoded(id);
        return text != null ? text : "ID:" + HexFormat.of().formatHex(id);
    }

    private static String decoded(byte[] id) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(id))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
