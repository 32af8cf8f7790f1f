package org.larchmq.broker.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a selector says of a message, by the parts of section 3.8.1 of Jakarta Messaging 3.1. */
class SelectorTest {
    /** T, F and U are the properties of that truth; U is not set. */
    private static TestMessage message() {
        TestMessage message = TestMessage.with("T", true, "F", false);
        message.properties.put("one", (byte) 1);
        message.properties.put("two", (short) 2);
        message.properties.put("five", 5);
        message.properties.put("big", 1L << 40);
        message.properties.put("half", 0.5f);
        message.properties.put("tenth", 0.1f);
        message.properties.put("float24", 16_777_216f);
        message.properties.put("pi", 3.14);
        message.properties.put("nan", Double.NaN);
        message.properties.put("intMax", Integer.MAX_VALUE);
        message.properties.put("intMin", Integer.MIN_VALUE);
        message.properties.put("longMax", Long.MAX_VALUE);
        message.properties.put("longMin", Long.MIN_VALUE);
        message.properties.put("red", "red");
        message.properties.put("quoted", "it's");
        message.properties.put("seven", "7");
        message.properties.put("empty", "");
        message.properties.put("umlaut", "größe");
        message.properties.put("smile", "a😀b");
        message.properties.put("percent", "50%_off");
        message.properties.put("long", "a string that is longer than eight bytes");
        message.properties.put("nothing", null);
        message.properties.put("bytes", new byte[] {'r', 'e', 'd'});
        message.properties.put("char", 'r');
        message.properties.put("größe", 42);
        message.properties.put("$cash", 1);
        message.properties.put("_x1", 1);
        message.properties.put("JMS_LARCH_TAG", "blue");
        message.properties.put("JMSXGroupID", "g1");
        message.type = "car";
        message.correlationId = "c-1";
        message.replyTo = "answers";
        return message;
    }

    /** The truth of a condition: "true", "false" or "unknown", which its negation tells apart. */
    private static String truth(TestMessage message, String condition) {
        if (message.matches(condition)) return "true";
        return message.matches("NOT (" + condition + ")") ? "false" : "unknown";
    }

    private static void check(String condition, String expected) {
        assertEquals(expected, truth(message(), condition), condition);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "red = 'red'             | true",
                "quoted = 'it''s'        | true",
                "empty = ''              | true",
                "umlaut = 'größe'        | true",
                "smile = 'a😀b'          | true",
                "long = 'a string that is longer than eight bytes' | true",
                "long = 'a string that is longer than eight bytez' | false",
                "red = 'Red'             | false",
                "five = 5                | true",
                "five = 5L               | true",
                "five = 0x5              | true",
                "five = 005              | true",
                "five = 0b101            | true",
                "big = 1_099_511_627_776 | true",
                "big = 0x100_0000_0000l  | true",
                "five = 5.               | true",
                "five = 5.0d             | true",
                "five = .5e1             | true",
                "five = 5e0              | true",
                "five = 50E-1D           | true",
                "five = 0.5E+1           | true",
                "five = 0x1.4p2          | true",
                "half = .5               | true",
                "half = 5e-1f            | true",
                "longMax = 9223372036854775807   | true",
                "longMin = -9223372036854775808  | true",
                "longMin = - 9223372036854775808L | true",
                "longMin = 0x8000000000000000    | true",
                "T = TRUE                | true",
                "F = false               | true",
                "TRUE                    | true",
                "False                   | false",
                "TRUE OR (FALSE AND FALSE) | true",
            })
    void literals_3_8_1_1(String condition, String expected) {
        check(condition, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "größe = 42            | true",
                "$cash = 1 AND _x1 = 1 | true",
                "RED = 'red'           | unknown",
                "jmspriority = 4       | unknown",
                "JMS_LARCH_TAG = 'blue' | true",
                "JMSXGroupID = 'g1'    | true",
                "JMSXGroupSeq = 1      | unknown",
                "nullable IS NULL      | true",
                "trueish IS NULL       | true",
                "İn IS NULL            | true",
            })
    void identifiersAreCaseSensitiveAndThoseOfJava_3_8_1_1(String condition, String expected) {
        check(condition, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "JMSPriority = 4                      | true",
                "JMSPriority BETWEEN 5 AND 9          | false",
                "JMSDeliveryMode = 'PERSISTENT'       | true",
                "JMSDeliveryMode = 'NON_PERSISTENT'   | false",
                "JMSDeliveryMode <> 'NON_PERSISTENT'  | true",
                "JMSTimestamp = 1700000000000         | true",
                "JMSMessageID = 'ID:abcdef-17'        | true",
                "JMSMessageID LIKE 'ID:abc%'          | true",
                "JMSCorrelationID = 'c-1'             | true",
                "JMSType = 'car'                      | true",
                "JMSType IN ('bus', 'car')            | true",
                "JMSType IS NULL                      | false",
                "JMSXDeliveryCount = 1                | true",
                "JMSXDeliveryCount > 1                | false",
            })
    void headerFields_3_8_1_1(String condition, String expected) {
        check(condition, expected);
    }

    @Test
    void headerFieldsThatAreNotSetAreNull_3_8_1_1() {
        TestMessage bare = new TestMessage();
        bare.hasMessageId = false;
        bare.persistent = false;
        for (String header : new String[] {"JMSType", "JMSCorrelationID", "JMSMessageID"}) {
            assertTrue(bare.matches(header + " IS NULL"), header);
            assertEquals("unknown", truth(bare, header + " = 'x'"), header);
        }
        assertTrue(bare.matches("JMSDeliveryMode = 'NON_PERSISTENT'"));

        TestMessage withBytes = new TestMessage();
        withBytes.correlationId = new byte[] {'c'};
        withBytes.type = "car";
        assertTrue(withBytes.matches("JMSCorrelationID IS NULL AND JMSType = 'car'"));
    }

    @Test
    void theDeliveryCountIsTheOneOfTheDelivery() {
        TestMessage message = TestMessage.with("JMSXDeliveryCount", 99);
        message.deliveryCount = 3;
        assertTrue(message.matches("JMSXDeliveryCount = 3"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "NOT F AND F               | false",
                "NOT T AND F               | false",
                "NOT (T AND F)             | true",
                "NOT F OR T                | true",
                "NOT T OR T                | true",
                "T OR T AND F              | true",
                "(T OR T) AND F            | false",
                "F AND F OR T              | true",
                "F AND (F OR T)            | false",
                "NOT NOT T                 | true",
                "NOT five = 5              | false",
                "NOT five BETWEEN 1 AND 9 AND F | false",
                "T AND NOT F               | true",
                "1 + 2 * 3 = 7             | true",
                "(1 + 2) * 3 = 9           | true",
                "10 - 4 - 3 = 3            | true",
                "100 / 10 / 5 = 2          | true",
                "8 / 2 * 4 = 16            | true",
                "-five + 6 = 1             | true",
                "- -five = 5               | true",
                "-(five) * -1 = five       | true",
                "2 - -3 = five             | true",
                "five BETWEEN 2 + 2 AND 2 * 3 AND T | true",
                "five + 1 > five           | true",
                "(five > 1) = TRUE         | true",
                "(five > 1) <> (one > 1)   | true",
            })
    void precedence_3_8_1_2(String condition, String expected) {
        check(condition, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "T AND T | true",
                "T AND F | false",
                "T AND U | unknown",
                "F AND T | false",
                "F AND F | false",
                "F AND U | false",
                "U AND T | unknown",
                "U AND F | false",
                "U AND U | unknown",
                "T OR T  | true",
                "T OR F  | true",
                "T OR U  | true",
                "F OR T  | true",
                "F OR F  | false",
                "F OR U  | unknown",
                "U OR T  | true",
                "U OR F  | unknown",
                "U OR U  | unknown",
                "NOT T   | false",
                "NOT F   | true",
                "NOT U   | unknown",
                "T       | true",
                "F       | false",
                "U       | unknown",
                "nothing | unknown",
                "U = 1                  | unknown",
                "U <> 1                 | unknown",
                "U = U                  | unknown",
                "U = 'x'                | unknown",
                "U = TRUE               | unknown",
                "(U) = TRUE             | unknown",
                "(U = 1) = (U = 1)      | unknown",
                "U + 2 < 10             | unknown",
                "-U < 10                | unknown",
                "2 * U < 10             | unknown",
                "red + U = 1            | unknown",
                "U BETWEEN 1 AND 2      | unknown",
                "U NOT BETWEEN 1 AND 2  | unknown",
                "five BETWEEN U AND 9   | unknown",
                "five BETWEEN U AND 4   | false",
                "five BETWEEN 6 AND U   | false",
                "five NOT BETWEEN U AND 4 | true",
                "five NOT BETWEEN U AND 9 | unknown",
                "U IN ('a')             | unknown",
                "U NOT IN ('a')         | unknown",
                "nothing IN ('a')       | unknown",
                "U LIKE '%'             | unknown",
                "U NOT LIKE '%'         | unknown",
                "U IS NULL              | true",
                "U IS NOT NULL          | false",
                "nothing IS NULL        | true",
                "five IS NULL           | false",
                "five IS NOT NULL       | true",
                "bytes IS NULL          | false",
            })
    void nullAndThreeValuedLogic_3_8_1_2(String condition, String expected) {
        check(condition, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "five = '5'             | false",
                "five <> '5'            | false",
                "seven = 7              | false",
                "seven <> 7             | false",
                "seven > 1              | false",
                "seven + 1 = 8          | false",
                "-seven < 0             | false",
                "+seven = 7             | false",
                "seven BETWEEN 5 AND 9  | false",
                "seven NOT BETWEEN 5 AND 9 | false",
                "red = TRUE             | false",
                "T = 'true'             | false",
                "T = five               | false",
                "T <> five              | false",
                "T > F                  | false",
                "red < umlaut           | false",
                "red = red              | true",
                "red <> red             | false",
                "T = T                  | true",
                "T <> F                 | true",
                "five                   | false",
                "red                    | false",
                "five IN ('5')          | false",
                "five NOT IN ('5')      | false",
                "five LIKE '5'          | false",
                "five NOT LIKE '5'      | false",
                "bytes = 'red'          | false",
                "bytes = bytes          | false",
                "char = 'r'             | false",
                "char + 1 = 2           | false",
            })
    void unlikeTypesAreFalseAndNeverConverted_3_8_1_2(String condition, String expected) {
        check(condition, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "one = 1 AND two = 2 AND five = 5 | true",
                "one < two AND two < five AND five < big | true",
                "five = 5.0             | true",
                "half = 0.5             | true",
                "tenth = 0.1            | false",
                "tenth = 0.1f           | true",
                "tenth <> 0.1           | true",
                "pi > 3 AND pi < 4      | true",
                "3 < pi                 | true",
                "4 <= pi                | false",
                "4 >= pi AND 3 <> pi AND 5 = five | true",
                "five / 2 = 2           | true",
                "five / 2.0 = 2.5       | true",
                "-five / 2 = -2         | true",
                "half * 3 = 1.5         | true",
                "tenth + 0 = 0.1f       | true",
                "tenth + 0.0 = 0.1f     | true",
                "tenth * 3.0 = 0.3f     | false",
                "intMax + one < 0       | true",
                "intMax + 1 = 2147483648 | true",
                "-intMin = intMin       | true",
                "intMin / -1 = 2147483648 | true",
                "longMax + 1 = longMin  | true",
                "-longMin = longMin     | true",
                "longMax * 2 = -2       | true",
                "longMin / -1 = longMin | true",
                "longMax + 0.0 > 9e18   | true",
                "five / 0 = 1           | unknown",
                "five / 0 IS NULL OR T  | error",
                "five / 0.0 > 1e300     | true",
                "0 * one / 0.0 = 0      | false",
                "nan = nan              | false",
                "nan <> nan             | true",
                "nan > 0                | false",
                "nan BETWEEN 0 AND 1    | false",
                "nan NOT BETWEEN 0 AND 1 | false",
                "longMax = 9223372036854775807.0 | true",
                "float24 = 16777217     | true",
                "float24 = 16777217.0   | false",
                "float24 + 1 = float24  | true",
                "float24 + 1.0 = float24 | false",
                "five BETWEEN 5 AND 5   | true",
                "five BETWEEN 9 AND 1   | false",
                "five NOT BETWEEN 9 AND 1 | true",
                "five BETWEEN 4.5 AND 5.5 | true",
            })
    void numericPromotionAndOverflowAreThoseOfJava_3_8_1_2(String condition, String expected) {
        if (expected.equals("error")) assertThrows(SelectorSyntaxException.class, () -> Selector.parse(condition));
        else check(condition, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "red LIKE 'red'         | true",
                "red LIKE 'r_d'         | true",
                "red LIKE '_ed'         | true",
                "red LIKE 're_'         | true",
                "red LIKE 'r__d'        | false",
                "red LIKE '___'         | true",
                "red LIKE '__'          | false",
                "red LIKE '____'        | false",
                "red LIKE '%'           | true",
                "red LIKE '%%'          | true",
                "red LIKE 'r%'          | true",
                "red LIKE '%d'          | true",
                "red LIKE '%e%'         | true",
                "red LIKE 'r%e%d%'      | true",
                "red LIKE '%r%r%'       | false",
                "red LIKE 'red%'        | true",
                "red LIKE '_%_'         | true",
                "red LIKE '%___%'       | true",
                "red LIKE '%____%'      | false",
                "red LIKE ''            | false",
                "red LIKE 'RED'         | false",
                "red LIKE 're'          | false",
                "red LIKE 'redd'        | false",
                "empty LIKE ''          | true",
                "empty LIKE '%'         | true",
                "empty LIKE '_'         | false",
                "red NOT LIKE 'b%'      | true",
                "red NOT LIKE 'r%'      | false",
                "umlaut LIKE 'gr__e'    | true",
                "umlaut LIKE '%öße'     | true",
                "smile LIKE 'a_b'       | true",
                "smile LIKE 'a😀_'      | true",
                "smile LIKE 'a__b'      | false",
                "smile LIKE '%😀%'      | true",
                "percent LIKE '50!%!_off' ESCAPE '!'  | true",
                "percent LIKE '50!%%' ESCAPE '!'      | true",
                "red LIKE 'r!%' ESCAPE '!'            | false",
                "red LIKE 'r!ed' ESCAPE '!'           | true",
                "percent LIKE '50%%_off' ESCAPE '%'   | true",
                "percent LIKE '50\\%\\_off' ESCAPE '\\' | true",
                "percent NOT LIKE '50!%%' ESCAPE '!'  | false",
                "quoted LIKE 'it''_' ESCAPE 's'       | true",
                "smile LIKE 'a%b' ESCAPE '😀'         | true",
            })
    void like_3_8_1_2(String condition, String expected) {
        check(condition, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "red IN ('red')                  | true",
                "red IN ('blue', 'green', 'red') | true",
                "red IN ('blue', 'green')        | false",
                "red IN ('re', 'redd', 'RED')    | false",
                "red NOT IN ('blue', 'green')    | true",
                "red NOT IN ('blue', 'red')      | false",
                "quoted IN ('it''s')             | true",
                "umlaut IN ('größe', 'x')        | true",
                "empty IN ('')                   | true",
            })
    void in_3_8_1_2(String condition, String expected) {
        check(condition, expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "red is not null and red like 'r!_d' escape '!' | false",
                "five not between 6 and 9 Or five iN ('x')      | true",
                "nOt f or t                                     | unknown",
            })
    void keywordsAreNotCaseSensitive_3_8_1_1(String condition, String expected) {
        check(condition, expected);
    }

    @Test
    void whiteSpaceIsThatOfJava_3_8_1_1() {
        assertTrue(message().matches(" \t\f\r\nfive\n=\t5\f"));
        assertTrue(message().matches("five=5 AND(T)AND red='red'AND T"));
    }

    @Test
    void theMessageMayStandAnywhereInABufferOfAnyKind() {
        ByteBuffer encoded = message().encode();
        ByteBuffer direct = ByteBuffer.allocateDirect(encoded.limit() + 100);
        direct.put(37, encoded, 0, encoded.limit());
        direct.position(5);
        Selector selector = Selector.parse("red = 'red' AND JMSType = 'car' AND long LIKE '%bytes' AND five + 1 = 6");
        assertTrue(selector.matches(direct, 37, 1));
        assertTrue(selector.matches(direct.asReadOnlyBuffer(), 37, 1));
        assertEquals(5, direct.position());
    }

    @Test
    void ofAPropertyThatStandsTwiceTheFirstCounts() {
        TestMessage twice = TestMessage.with("a", 1, "b", 2);
        ByteBuffer encoded = twice.encode();
        int nameOfB = encoded.limit() - 6;
        assertEquals('b', encoded.get(nameOfB));
        encoded.put(nameOfB, (byte) 'a');
        assertTrue(Selector.parse("a = 1 AND b IS NULL").matches(encoded, 0, 1));
    }

    @Test
    void aSelectorKeepsItsText() {
        assertEquals(" a = 1 ", Selector.parse(" a = 1 ").text());
        assertFalse(Selector.parse("a = 1").toString().isEmpty());
    }
}
