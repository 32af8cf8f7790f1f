package org.larchmq.jms.options;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of options in the documentation. */
class OptionDocsTest {
    private static String text;

    @BeforeAll
    static void read() throws Exception {
        text = Files.readString(Path.of("..", "docs", "administered-objects.md"));
    }

    @ParameterizedTest
    @EnumSource(Option.class)
    void everyOptionIsDocumentedWithItsDefault(Option option) {
        String shown = option.defaultText().isEmpty() ? "–" : "`" + option.defaultText() + "`";
        assertThat(text).contains("| `" + option.key() + "` | " + shown + " | ");
    }
}
