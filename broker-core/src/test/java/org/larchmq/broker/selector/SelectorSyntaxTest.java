package org.larchmq.broker.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no selector, what is too much of one, and what the user reads then. */
class SelectorSyntaxTest {
    private static SelectorSyntaxException refused(String text) {
        return assertThrows(SelectorSyntaxException.class, () -> Selector.parse(text), text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a =                   |  3 | expected a property, a literal or (, found the end",
                "a = 1 b               |  6 | expected AND, OR or the end, found the identifier b",
                "a = b = c             |  6 | expected AND, OR or the end, found =",
                "a == 1                |  3 | expected a property, a literal or (, found =",
                "a != 1                |  2 | unexpected character",
                "a.b = 1               |  1 | unexpected character",
                "a = 'x                |  4 | a string without a closing quote",
                "a = ''' OR b          |  4 | a string without a closing quote",
                "(a = 1                |  6 | expected ), found the end",
                "a = 1)                |  5 | expected AND, OR or the end, found )",
                "()                    |  1 | expected a property, a literal or (, found )",
                "NOT                   |  3 | expected a property, a literal or (, found the end",
                "a AND                 |  5 | expected a property, a literal or (, found the end",
                "AND a                 |  0 | expected a property, a literal or (, found AND",
                "a NOT = 1             |  2 | NOT can be followed only by BETWEEN, IN or LIKE here",
                "a NOT                 |  2 | NOT can be followed only by BETWEEN, IN or LIKE here",
                "a IS 1                |  5 | expected NULL or NOT NULL, found 1",
                "a IS NOT              |  8 | expected NULL or NOT NULL, found the end",
                "1 IS NULL             |  0 | expected an identifier before IS",
                "a + 1 IS NULL         |  0 | expected an identifier before IS",
                "a BETWEEN 1           | 11 | expected the AND of BETWEEN, found the end",
                "a BETWEEN 1 OR 2      | 12 | expected the AND of BETWEEN, found OR",
                "a BETWEEN 'x' AND 'y' | 10 | expected a number, found a string",
                "TRUE BETWEEN 1 AND 2  |  0 | expected a number, found a boolean",
                "a IN 'x'              |  5 | expected the ( of IN, found a string",
                "a IN ()               |  6 | expected a string, found )",
                "a IN (1, 2)           |  6 | expected a string, found 1",
                "a IN ('x',)           | 10 | expected a string, found )",
                "a IN ('x' 'y')        | 10 | expected a comma or the ) of IN, found a string",
                "'a' IN ('a')          |  0 | expected an identifier before IN",
                "JMSPriority IN ('4')  |  0 | IN cannot be applied to a number",
                "a LIKE 7              |  7 | expected a string, found 7",
                "a LIKE b              |  7 | expected a string, found the identifier b",
                "a LIKE 'x!' ESCAPE '!' | 7 | nothing follows the escape character",
                "a LIKE 'x' ESCAPE ''  | 18 | ESCAPE takes a string of one character",
                "a LIKE 'x' ESCAPE '!!' | 18 | ESCAPE takes a string of one character",
                "a LIKE 'x' ESCAPE     | 17 | expected a string, found the end",
                "a > 'foo'             |  2 | strings and booleans can be compared only with = and <>",
                "'foo' <= TRUE         |  6 | strings and booleans can be compared only with = and <>",
                "a < TRUE              |  2 | strings and booleans can be compared only with = and <>",
                "TRUE = 0              |  5 | a boolean cannot be compared with a number",
                "JMSDeliveryMode = 2   | 16 | a string cannot be compared with a number",
                "JMSPriority = 'high'  | 12 | a number cannot be compared with a string",
                "'a' + 1 = 2           |  0 | expected a number, found a string",
                "a * 'x' = 2           |  4 | expected a number, found a string",
                "-TRUE = 2             |  1 | expected a number, found a boolean",
                "5                     |  0 | expected a condition, found a number",
                "'x'                   |  0 | expected a condition, found a string",
                "a + 1                 |  0 | expected a condition, found a number",
                "a AND 5               |  6 | expected a condition, found a number",
                "NOT 'x'               |  4 | expected a condition, found a string",
                "JMSType               |  0 | expected a condition, found a string",
                "JMSDestination = 'q'  |  0 | a selector cannot use the header field JMSDestination",
                "JMSRedelivered = TRUE |  0 | a selector cannot use the header field JMSRedelivered",
                "a = 9223372036854775808  | 4 | a number that does not fit into 64 bits",
                "a = 9223372036854775809  | 4 | not a number, or one that does not fit into 64 bits",
                "a = -9223372036854775809 | 5 | not a number, or one that does not fit into 64 bits",
                "a = 08                | 4 | not a number",
                "a = 0x                | 4 | not a number",
                "a = 0xg               | 4 | not a number",
                "a = 0b2               | 4 | not a number",
                "a = 5AND b            | 4 | not a number",
                "a = 1e                | 4 | not a number",
                "a = 1e+               | 4 | not a number",
                "a = 1.2.3             | 4 | not a number",
                "a = 1e999             | 4 | a number that is too large",
                "a = 1e39f             | 4 | a number that is too large",
                "a = 1__0_             | 4 | an underscore must stand between digits",
                "a = 1_.5              | 4 | an underscore must stand between digits",
                "a = 5\u0663           | 4 | not a number",
            })
    void theMessageSaysWhatIsWrongAndWhere(String text, int position, String problem) {
        SelectorSyntaxException refused = refused(text);
        assertEquals(position, refused.position(), text + ": " + refused.getMessage());
        assertTrue(refused.getMessage().contains(problem), text + ": " + refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE"})
    void keywordsAreNoIdentifiers_3_8_1_1(String keyword) {
        refused(keyword + " = 0");
        refused(keyword.toLowerCase() + " = 0");
        refused("a = 1 AND " + keyword + " IS NULL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n"})
    void anEmptySelectorIsRefused(String text) {
        assertTrue(refused(text).getMessage().contains("a selector is empty"));
    }

    @Test
    void onlyTheWhiteSpaceOfJavaIsWhiteSpace() {
        refused("a\u00A0= 1");
        refused("a\u2003= 1");
        refused("a\u000B= 1");
    }

    @Test
    void theTextIsBounded() {
        String longest = "a = '" + "x".repeat(Selector.MAX_TEXT_BYTES - 6) + "'";
        assertEquals(longest, Selector.parse(longest).text());
        assertTrue(refused(longest + " ").getMessage().contains("longer than 32768 bytes"));
        refused("a = '" + "ö".repeat(Selector.MAX_TEXT_BYTES / 2) + "'");
    }

    @Test
    void theNodesAreBounded() {
        // n comparisons of a property with a literal are 3n nodes, their OR is one
        Selector.parse(repeat("a=1", " OR ", 85));
        assertTrue(refused(repeat("a=1", " OR ", 86)).getMessage().contains("more than 256 operators"));
        refused(repeat("1", "+", 129) + " = a");
        refused(IntStream.range(0, 300).mapToObj(i -> "a" + i).collect(Collectors.joining(" OR ")));
    }

    @Test
    void theDepthIsBounded() {
        Selector.parse("(".repeat(32) + "a" + ")".repeat(32));
        assertTrue(refused("(".repeat(33) + "a" + ")".repeat(33)).getMessage().contains("nested deeper than 32"));
        Selector.parse("NOT ".repeat(32) + "a");
        refused("NOT ".repeat(33) + "a");
        Selector.parse("-".repeat(32) + "a = 1");
        refused("-".repeat(33) + "a = 1");
        refused("(".repeat(8000));
        refused("NOT(-(".repeat(1300));
    }

    @Test
    void theStringsOfAnInAreBounded() {
        Selector.parse("a IN (" + repeat("'x'", ",", 2_000) + ")");
        assertTrue(
                refused("a IN (" + repeat("'x'", ",", 2_001) + ")").getMessage().contains("more than 2000 strings"));
    }

    @Test
    void aLongTextIsNotRepeatedInTheMessage() {
        assertTrue(refused("a = = " + "x".repeat(8000)).getMessage().length() < 250);
    }

    private static String repeat(String part, String separator, int times) {
        return IntStream.range(0, times).mapToObj(i -> part).collect(Collectors.joining(separator));
    }
}
