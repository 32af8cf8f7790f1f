package org.larchmq.tck.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/conformance.md says what the suite has; {@code -Dconformance.write=true} writes it anew. */
class ConformanceTableTest extends AgainstBroker { // some tests make their parameters with a connection
    private static final Path PAGE = Path.of("../docs/conformance.md");
    private static final String BEGIN = "<!-- table: written by ConformanceTableTest -->\n";
    private static final String END = "<!-- end of table -->\n";

    @Test
    void theTableInTheDocumentationIsThatOfTheSuite() throws Exception {
        String page = Files.readString(PAGE);
        String table = ConformanceTable.ofSuite().toMarkdown();
        String expected = page.substring(0, page.indexOf(BEGIN)) + BEGIN + table + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("conformance.write")) write(expected);
        assertThat(Files.readString(PAGE))
                .as("run the test with -Dconformance.write=true to write the table anew")
                .isEqualTo(expected);
    }

    private static void write(String page) throws IOException {
        Files.writeString(PAGE, page);
    }

    @Test
    void theSuiteHasAtLeast900Tests() throws Exception {
        assertThat(ConformanceTable.ofSuite().total()).isGreaterThanOrEqualTo(900);
    }

    @Test
    void everyTestThatTheDocumentationNamesExists() throws Exception {
        Set<String> known = ConformanceTable.ofSuite().names();
        Matcher named = Pattern.compile("`(\\w+Test\\.\\w+)`").matcher(Files.readString(PAGE));
        int count = 0;
        for (; named.find(); count++) assertThat(known).contains(named.group(1));
        assertThat(count).isGreaterThan(50);
    }

    @Test
    void everyTestNamesItsSection() throws Exception {
        assertThat(ConformanceTable.ofSuite().withoutSection()).isEmpty();
    }
}
