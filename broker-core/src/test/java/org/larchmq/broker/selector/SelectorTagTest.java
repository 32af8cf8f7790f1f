package org.larchmq.broker.selector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.larchmq.message.MessageLayout;

/** What the tag hash of a consume queue's row can rule out. */
class SelectorTagTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "tag = 'a'                               | a",
                "'a' = tag                               | a",
                "tag IN ('a', 'b', 'a')                  | a b",
                "tag = 'a' AND x > 5                     | a",
                "x > 5 AND (y OR z) AND tag IN ('a','b') | a b",
                "tag = 'a' OR tag = 'b'                  | a b",
                "tag = 'a' AND x = 1 OR tag = 'b'        | a b",
                "tag IN ('a', 'b') AND tag IN ('b', 'c') | b",
                "tag = 'a' AND tag = 'b'                 | none",
                "(tag = 'größe')                         | größe",
                "tag = 'a' OR x = 1                      | any",
                "tag <> 'a'                              | any",
                "tag NOT IN ('a')                        | any",
                "NOT tag = 'a'                           | any",
                "NOT (tag <> 'a')                        | any",
                "tag LIKE 'a'                            | any",
                "tag = x                                 | any",
                "tag = 5                                 | any",
                "tag IS NULL                             | any",
                "other = 'a'                             | any",
                "(tag = 'a') = TRUE                      | any",
            })
    void theTagsThatASelectorRequires(String condition, String tags) {
        Selector selector = Selector.parse(condition.replace("tag", MessageLayout.TAG_PROPERTY));
        int[] expected = tags.equals("none") || tags.equals("any")
                ? new int[0]
                : Arrays.stream(tags.split(" "))
                        .mapToInt(MessageLayout::tagHash)
                        .sorted()
                        .toArray();
        assertEquals(!tags.equals("any"), selector.requiresTag());
        assertArrayEquals(expected, selector.requiredTagHashes());
        for (int hash : expected) assertTrue(selector.mayMatchTag(hash));
        assertEquals(tags.equals("any"), selector.mayMatchTag(0));
        assertEquals(tags.equals("any"), selector.mayMatchTag(MessageLayout.tagHash("z")));
    }

    @Test
    void aHashDoesNotDecide() {
        // "Aa" and "BB" have the same hash
        Selector selector = Selector.parse("JMS_LARCH_TAG = 'Aa'");
        assertTrue(selector.mayMatchTag(MessageLayout.tagHash("BB")));
        assertFalse(TestMessage.with("JMS_LARCH_TAG", "BB").matches("JMS_LARCH_TAG = 'Aa'"));
        assertTrue(TestMessage.with("JMS_LARCH_TAG", "Aa").matches("JMS_LARCH_TAG = 'Aa'"));
    }
}
