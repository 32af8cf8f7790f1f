package org.larchmq.broker.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of entries in docs/formats.md is made from the code. */
class EntryTableTest {
    private static final Path FILE = Path.of("../docs/formats.md");
    private static final String BEGIN = "<!-- Entries, made by EntryTableTest: begin -->\n";
    private static final String END = "<!-- Entries: end -->\n";
    /** Set to true to write the table instead of comparing it. */
    private static final String WRITE = "larchmq.docs.write";

    @Test
    void theDocumentedTableIsThatOfTheCode() throws IOException {
        String document = Files.readString(FILE);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        int end = document.indexOf(END);
        assertThat(begin).as("place for the table in " + FILE).isBetween(BEGIN.length(), end);
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(FILE, document.substring(0, begin) + table() + document.substring(end));
            return;
        }
        assertThat(document.substring(begin, end))
                .as("table of entries in " + FILE + "; to make it anew run: mvn -pl broker-core -am test"
                        + " -Dtest=EntryTableTest -Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE + "=true")
                .isEqualTo(table());
    }

    private static String table() {
        StringBuilder table = new StringBuilder("| type | name | payload |\n|---:|---|---|\n");
        for (EntryKind kind : EntryKinds.all()) {
            table.append("| %d | %s | %s |\n".formatted(kind.number(), kind.name(), kind.payload()));
        }
        String retired =
                EntryKinds.RETIRED_NUMBERS.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return table.append("\nRetired numbers: ").append(retired).append(".\n").toString();
    }
}
