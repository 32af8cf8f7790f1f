package org.larchmq.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {
    private final long seed = Long.getLong("larchmq.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static String through(String text) {
        byte[] bytes = Utf8.encode(text);
        return Utf8.decode(bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "where?", "???????????", "größe? 日本語", "😀?", "\u0000?", "\uFFFD", "\uFFFD?"})
    void textsAreEncodedAsByTheJdk(String text) {
        assertThat(Utf8.encode(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
        assertThat(through(text)).isEqualTo(text);
    }

    @Test
    void anUnpairedSurrogateIsTheThreeBytesOfItsCodePoint() {
        assertThat(Utf8.encode("a\uD800b")).containsExactly('a', 0xED, 0xA0, 0x80, 'b');
        assertThat(Utf8.encode("\uDFFF")).containsExactly(0xED, 0xBF, 0xBF);
        assertThat(through("\uDC00\uD800")).isEqualTo("\uDC00\uD800");
    }

    @Test
    void everyStringComesThrough() {
        String alphabet = "ab?é日\uFFFD\uD83D\uDE00\uD800\uDFFF";
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int left = random.nextInt(40); left > 0; left--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String sent = text.toString();
            assertThat(through(sent)).as("seed=" + seed).isEqualTo(sent);
        }
    }

    @Test
    void whatIsNoUtf8IsDecodedAsByTheJdk() {
        byte[] bytes = new byte[20];
        for (int i = 0; i < 50_000; i++) {
            random.nextBytes(bytes);
            for (int at = 0; at < bytes.length; at++) if (bytes[at] == (byte) 0xED) bytes[at] = 0;
            String expected = new String(bytes, 3, 17, StandardCharsets.UTF_8);
            assertThat(Utf8.decode(bytes, 3, 17)).as("seed=" + seed).isEqualTo(expected);
        }
    }
}
