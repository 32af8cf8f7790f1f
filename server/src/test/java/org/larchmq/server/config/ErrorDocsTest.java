package org.larchmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ErrorCode;
import org.larchmq.server.cli.ExitCodes;
import org.larchmq.store.io.StoreError;

/** docs/errors.md lists every error that there is, and none that there is not. */
class ErrorDocsTest {
    private static final Pattern CODE =
            Pattern.compile("^\\| `(LARCH-[^`]+)` \\| [^|]+ \\| [^|]+ \\|$", Pattern.MULTILINE);

    private final String page = read();

    private static String read() {
        try {
            return Files.readString(Path.of("../docs/errors.md"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void everyCodeOfBrokerAndClientHasItsCauseAndRemedy() throws ReflectiveOperationException {
        List<String> codes = new ArrayList<>();
        for (ErrorCode code : ErrorCode.values()) codes.add(code.text());
        Class<?> clientError = Class.forName("org.larchmq.jms.error.ClientError"); // the server does not depend on it
        for (Object error : clientError.getEnumConstants()) {
            codes.add((String) clientError.getMethod("text").invoke(error));
        }
        List<String> listed = new ArrayList<>();
        for (Matcher row = CODE.matcher(page); row.find(); ) listed.add(row.group(1));
        assertThat(listed).containsExactlyElementsOf(codes);
    }

    @Test
    void everyStoreErrorHasTheCauseAndTheRemedyThatItsMessageHas() {
        for (StoreError error : StoreError.values()) {
            assertThat(page).contains("| `%s` | %s | %s |\n".formatted(error.name(), error.cause(), error.remedy()));
        }
    }

    @Test
    void everyExitCodeHasItsRemedy() throws IllegalAccessException {
        for (var field : ExitCodes.class.getFields()) {
            assertThat(page).as(field.getName()).contains("\n| " + field.getInt(null) + " | ");
        }
    }
}
