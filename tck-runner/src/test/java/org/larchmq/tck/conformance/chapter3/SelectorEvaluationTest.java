package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Destination;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/**
 * Which selectors match one message, whose properties are in {@link #message}. An unknown one is neither true nor false:
 * its negation does not match either.
 */
@Section("3.8.1.1")
class SelectorEvaluationTest extends AgainstBroker {
    private static final String TRUE = """
            TRUE
            true
            bt
            NOT bf
            NOT FALSE
            bt = TRUE
            bf = FALSE
            bt <> bf
            bt = NOT_A_WORD_BUT_A_PROPERTY
            (bt)
            ((TRUE))
            s = 'x'
            s <> 'y'
            'x' = s
            'x' = 'x'
            s = 'x' AND i = 7
            s='x'and i=7
            quote = 'it''s'
            empty = ''
            unicode = 'ünï😀'
            i = 7
            i <> 8
            i > 6
            i >= 7
            i < 8
            i <= 7
            7 = i
            6 < i
            i = +7
            neg = -3
            -neg = 3
            - neg = 3
            neg < 0
            by = 1
            sh = 2
            l = 9000000000
            l = 9000000000L
            l > 2147483647
            i = 7.0
            i = 7.
            i = 7e0
            i < 7.5
            f = 1.5
            f = 1.5f
            f = 1.5d
            d = 2.25
            d > 2
            d < 2.5E0
            d = .225E1
            d = 225e-2
            big = 9223372036854775807
            i = 0x7
            i = 07
            i + 1 = 8
            i - 8 = -1
            i * 2 = 14
            i / 2 = 3
            i / 2.0 = 3.5
            1 + 2 * 3 = 7
            (1 + 2) * 3 = 9
            10 - 4 - 3 = 3
            16 / 4 / 2 = 2
            2 * 3 / 4 = 1
            -i + 8 = 1
            i + d = 9.25
            i * -1 = -7
            i - -1 = 8
            by + sh = 3
            i BETWEEN 5 AND 10
            i BETWEEN 7 AND 7
            i NOT BETWEEN 8 AND 10
            i NOT BETWEEN 1 AND 6
            i BETWEEN 6.5 AND 7.5
            d BETWEEN 2 AND 3
            i BETWEEN 3 + 3 AND 4 * 2
            i + 1 BETWEEN 8 AND 8
            i between 5 and 10 AND s = 'x'
            s = 'x' AND i BETWEEN 5 AND 10
            NOT i BETWEEN 8 AND 9
            NOT s = 'y'
            country IN ('UK', 'US', 'France')
            country IN ('UK')
            country IN ('uk', 'UK')
            country NOT IN ('Peru')
            country in ('UK')
            NOT country IN ('Peru', 'Chile')
            NOT (country NOT IN ('UK'))
            s IN ('x') AND country IN ('UK')
            phone LIKE '12%3'
            phone LIKE '%'
            phone LIKE '12%'
            phone LIKE '%93'
            phone LIKE '12993'
            phone LIKE '_____'
            phone LIKE '1____'
            phone LIKE '%2%9%'
            phone LIKE '%%%'
            phone like '12%3'
            phone NOT LIKE '12%4'
            phone NOT LIKE '____'
            NOT phone LIKE '13%'
            word LIKE 'l_se'
            word LIKE '_o%'
            empty LIKE ''
            empty LIKE '%'
            underscored LIKE '\\_%' ESCAPE '\\'
            underscored LIKE '\\_foo' ESCAPE '\\'
            underscored LIKE '|_foo' ESCAPE '|'
            underscored LIKE '_foo'
            underscored LIKE '____'
            percent LIKE '100!%' ESCAPE '!'
            percent LIKE '%!%' ESCAPE '!'
            percent NOT LIKE '100!_' ESCAPE '!'
            backslash LIKE 'a\\b'
            backslash LIKE 'a\\\\b' ESCAPE '\\'
            regex LIKE 'a.c*[x]'
            regex LIKE 'a.c*%'
            quote LIKE 'it''_'
            unicode LIKE 'ün_%'
            missing IS NULL
            s IS NOT NULL
            NOT missing IS NOT NULL
            NOT s IS NULL
            missing is null
            missing IS NULL AND s IS NOT NULL
            empty IS NOT NULL
            bf IS NOT NULL
            bf OR bt
            bt OR bf
            bt AND bt
            bf OR bf OR bt
            NOT (bf AND bt)
            NOT bf AND bt
            NOT (bf OR bf)
            bt OR bt AND bf
            (bf OR bt) AND bt
            bf AND bf OR bt
            NOT NOT bt
            NOT bf OR bf
            s = 'x' OR s = 'y'
            i = 8 OR i = 7
            missing = 1 OR bt
            bt OR missing = 1
            missing IS NULL OR missing = 1
            NOT (missing = 1 AND bf)
            Case = 'upper' AND case = 'lower'
            $dollar = 1
            _underscore = 1
            äöü = 1
            名前 = '値'
            nothing = 1
            Ordering = 1
            INside = 1
            i = 7 AND(s = 'x')
            i =\t7\tAND s\t=\t'x'
            i = 7 AND (s = 'x' OR s = 'y') AND NOT (country = 'Peru')
            ((i + 3) * 2 = 20) AND ((s = 'x') OR (s = 'z'))
            JMSXGroupID = 'group'
            JMSXGroupSeq = 2
            JMS_LARCH_x = 'vendor'
            JMSType = 'car'
            JMSType LIKE 'c%'
            JMSType IN ('car', 'bike')
            JMSType IS NOT NULL
            JMSCorrelationID = 'correlation'
            JMSCorrelationID LIKE 'corr%'
            JMSPriority = 6
            JMSPriority >= 5
            JMSPriority BETWEEN 5 AND 9
            JMSDeliveryMode = 'PERSISTENT'
            JMSDeliveryMode <> 'NON_PERSISTENT'
            JMSDeliveryMode IN ('PERSISTENT')
            JMSMessageID LIKE 'ID:%'
            JMSMessageID IS NOT NULL
            JMSTimestamp > 1500000000000
            JMSTimestamp <> 0
            JMSType = 'car' AND s = 'x' AND i > 2
            """;

    private static final String FALSE = """
            FALSE
            false
            bf
            NOT bt
            bt = bf
            bt <> TRUE
            s = 'y'
            s = 'X'
            s <> 'x'
            s = 'x '
            'x' = 'y'
            i = 8
            i <> 7
            i > 7
            i < 7
            i >= 8
            i <= 6
            i = -7
            l = 1
            f = 2.5
            d > 2.25
            i BETWEEN 8 AND 10
            i BETWEEN 10 AND 5
            i NOT BETWEEN 5 AND 10
            i NOT BETWEEN 7 AND 7
            country IN ('Peru')
            country IN ('uk')
            country IN ('U', 'K')
            country NOT IN ('UK', 'US')
            phone LIKE '12%4'
            phone LIKE '1299'
            phone LIKE '____'
            phone LIKE '______'
            phone LIKE ''
            phone LIKE '2%'
            phone NOT LIKE '12%3'
            phone NOT LIKE '%'
            word LIKE 'L_SE'
            word LIKE 'l_s'
            word LIKE '_se'
            underscored LIKE '\\_bar' ESCAPE '\\'
            word LIKE '\\_%' ESCAPE '\\'
            percent LIKE '100!_' ESCAPE '!'
            regex LIKE 'abc*[x]'
            regex LIKE '.*'
            word LIKE '.*'
            s IS NULL
            missing IS NOT NULL
            empty IS NULL
            NOT missing IS NULL
            bf AND bt
            bt AND bf
            bf OR bf
            NOT (bt OR bf)
            NOT bt AND bf
            NOT bt OR bf
            bf AND (bt OR bt)
            missing = 1 AND bf
            bf AND missing = 1
            case = 'upper'
            JMSPriority = 4
            JMSPriority > 6
            JMSDeliveryMode = 'NON_PERSISTENT'
            JMSType = 'bike'
            JMSType IS NULL
            JMSMessageID IS NULL
            JMSXGroupID = 'other'
            JMSXGroupSeq > 2
            """;

    private static final String UNKNOWN = """
            missing = 1
            missing <> 1
            missing > 1
            missing < 1
            missing = 'x'
            missing <> 'x'
            missing = TRUE
            1 = missing
            missing = missing
            missing
            missing + 1 = 2
            i + missing = 7
            -missing = 1
            missing * 0 = 0
            missing BETWEEN 1 AND 2
            missing NOT BETWEEN 1 AND 2
            i BETWEEN missing AND 10
            missing IN ('a', 'b')
            missing NOT IN ('a', 'b')
            missing LIKE 'a%'
            missing NOT LIKE 'a%'
            missing LIKE '%'
            missing = 1 AND bt
            bt AND missing = 1
            missing = 1 OR bf
            bf OR missing = 1
            missing = 1 AND missing = 2
            missing = 1 OR missing = 2
            NOT missing = 1
            (missing = 1) AND (NOT missing = 1)
            JMSXUserIDs = 'x'
            JMSX_other IS NOT NULL AND JMSX_other = 1 OR missing
            """;

    /** Compared or calculated with another type: does not match, whether that is called false or unknown. */
    private static final String OF_ANOTHER_TYPE = """
            text2 > 1
            text2 = 2
            text2 + 1 = 3
            i = '7'
            i = 'x'
            s = 7
            bt = 'true'
            bt = 1
            s = TRUE
            s > 5
            i BETWEEN 'a' AND 'z'
            JMSPriority = '6'
            JMSType = 1
            JMSDeliveryMode = 2
            """;

    static List<String> matching() {
        return TRUE.lines().map(line -> line.replace("\\t", "\t")).toList();
    }

    static List<String> falseOnes() {
        return FALSE.lines().toList();
    }

    static List<String> unknownOnes() {
        return UNKNOWN.lines().toList();
    }

    static List<String> ofAnotherType() {
        return OF_ANOTHER_TYPE.lines().toList();
    }

    @ParameterizedTest
    @MethodSource("matching")
    void aTrueSelectorMatchesOnAQueue(String selector) throws JMSException {
        assertThat(selects(newQueue(), selector)).isTrue();
        assertThat(selects(newQueue(), "NOT (" + selector + ")")).isFalse();
    }

    @ParameterizedTest
    @MethodSource("matching")
    void aTrueSelectorMatchesOnATopic(String selector) throws JMSException {
        assertThat(selects(newTopic(), selector)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("falseOnes")
    void aFalseSelectorDoesNotMatchAndItsNegationDoes(String selector) throws JMSException {
        assertThat(selects(newQueue(), selector)).isFalse();
        assertThat(selects(newQueue(), "NOT (" + selector + ")")).isTrue();
    }

    @ParameterizedTest
    @MethodSource("falseOnes")
    void aFalseSelectorDoesNotMatchOnATopic(String selector) throws JMSException {
        assertThat(selects(newTopic(), selector)).isFalse();
    }

    @Section("3.8.1.2")
    @ParameterizedTest
    @MethodSource("unknownOnes")
    void anUnknownSelectorDoesNotMatchNorDoesItsNegation(String selector) throws JMSException {
        assertThat(selects(newQueue(), selector)).isFalse();
        assertThat(selects(newQueue(), "NOT (" + selector + ")")).isFalse();
    }

    @Section("3.8.1.2")
    @ParameterizedTest
    @MethodSource("unknownOnes")
    void anUnknownSelectorDoesNotMatchOnATopic(String selector) throws JMSException {
        assertThat(selects(newTopic(), selector)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("ofAnotherType")
    void valuesOfUnlikeTypesDoNotMatch(String selector) throws JMSException {
        try {
            assertThat(selects(newQueue(), selector)).isFalse();
            assertThat(selects(newTopic(), selector)).isFalse();
        } catch (InvalidSelectorException e) {
            // where the types are known beforehand, the check may be made when the selector is presented
            assertThat(selector).matches("JMS.*|.*BETWEEN 'a'.*");
        }
    }

    @Section("3.8.1.2")
    @ParameterizedTest
    @MethodSource("truthTable")
    void logicHasThreeValues(TruthTableRow row) throws JMSException {
        assertThat(selects(newQueue(), row.expression)).isEqualTo(row.result == 'T');
        assertThat(selects(newQueue(), "NOT (" + row.expression + ")")).isEqualTo(row.result == 'F');
    }

    record TruthTableRow(String expression, char result) {
        @Override
        public String toString() {
            return expression + " is " + result;
        }
    }

    static List<TruthTableRow> truthTable() {
        String[] operands = {"bt", "bf", "(missing = 1)"};
        String values = "TFU";
        String[] and = {"TFU", "FFF", "UFU"};
        String[] or = {"TTT", "TFU", "TUU"};
        List<TruthTableRow> rows = new ArrayList<>();
        for (int left = 0; left < 3; left++) {
            rows.add(new TruthTableRow("NOT " + operands[left], "FTU".charAt(left)));
            rows.add(new TruthTableRow("NOT NOT " + operands[left], values.charAt(left)));
            for (int right = 0; right < 3; right++) {
                rows.add(new TruthTableRow(operands[left] + " AND " + operands[right], and[left].charAt(right)));
                rows.add(new TruthTableRow(operands[left] + " OR " + operands[right], or[left].charAt(right)));
            }
        }
        return rows;
    }

    /** Whether a consumer with the selector gets the message, which one without a selector always gets. */
    private boolean selects(Destination destination, String selector) throws JMSException {
        Session session = session();
        boolean topic = destination instanceof jakarta.jms.Topic;
        try (MessageProducer producer = session.createProducer(destination);
                MessageConsumer selective = session.createConsumer(destination, selector)) {
            MessageConsumer other = topic ? session.createConsumer(destination) : null;
            producer.setPriority(6);
            producer.send(message(session));
            boolean selected = selective.receiveNoWait() != null;
            if (other == null) other = session.createConsumer(destination);
            assertThat(other.receiveNoWait() != null)
                    .as("what is not selected stays in a queue, a topic's subscriptions are independent")
                    .isEqualTo(topic || !selected);
            other.close();
            return selected;
        }
    }

    private static Message message(Session session) throws JMSException {
        Message message = session.createTextMessage("body");
        message.setBooleanProperty("bt", true);
        message.setBooleanProperty("NOT_A_WORD_BUT_A_PROPERTY", true);
        message.setBooleanProperty("bf", false);
        message.setStringProperty("s", "x");
        message.setStringProperty("quote", "it's");
        message.setStringProperty("empty", "");
        message.setStringProperty("unicode", "ünï😀");
        message.setIntProperty("i", 7);
        message.setIntProperty("neg", -3);
        message.setByteProperty("by", (byte) 1);
        message.setShortProperty("sh", (short) 2);
        message.setLongProperty("l", 9_000_000_000L);
        message.setLongProperty("big", Long.MAX_VALUE);
        message.setFloatProperty("f", 1.5f);
        message.setDoubleProperty("d", 2.25);
        message.setStringProperty("country", "UK");
        message.setStringProperty("phone", "12993");
        message.setStringProperty("word", "lose");
        message.setStringProperty("underscored", "_foo");
        message.setStringProperty("percent", "100%");
        message.setStringProperty("backslash", "a\\b");
        message.setStringProperty("regex", "a.c*[x]");
        message.setStringProperty("Case", "upper");
        message.setStringProperty("case", "lower");
        message.setIntProperty("$dollar", 1);
        message.setIntProperty("_underscore", 1);
        message.setIntProperty("äöü", 1);
        message.setStringProperty("名前", "値");
        message.setIntProperty("nothing", 1);
        message.setIntProperty("Ordering", 1);
        message.setIntProperty("INside", 1);
        message.setStringProperty("text2", "2");
        message.setStringProperty("JMSXGroupID", "group");
        message.setIntProperty("JMSXGroupSeq", 2);
        message.setStringProperty("JMS_LARCH_x", "vendor");
        message.setJMSType("car");
        message.setJMSCorrelationID("correlation");
        return message;
    }
}
