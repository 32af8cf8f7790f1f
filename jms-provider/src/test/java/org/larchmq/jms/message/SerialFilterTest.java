package org.larchmq.jms.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.io.ObjectInputFilter;
import java.io.Serializable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The filter that an operator gives the whole JVM, beside the list of trusted packages. */
class SerialFilterTest {
    private record Forbidden() implements Serializable {}

    private record Permitted() implements Serializable {}

    /** As -Djdk.serialFilter does; it can be set once, and concerns nothing outside this test. */
    @BeforeAll
    static void filter() {
        ObjectInputFilter.Config.setSerialFilter(
                ObjectInputFilter.Config.createFilter("!" + Forbidden.class.getName()));
    }

    private static LarchObjectMessage received(Serializable object) throws JMSException {
        LarchObjectMessage sent = new LarchObjectMessage(new ObjectTrust(java.util.List.of("*")));
        sent.setObject(object);
        return Wire.receive(sent, Wire.SEND, "*");
    }

    @Test
    void whatTheJvmsFilterRejectsIsNotDeserializedAlthoughItsPackageIsTrusted() throws JMSException {
        assertThatThrownBy(() -> received(new Forbidden()).getObject())
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("jdk.serialFilter");
        assertThat(received(new Permitted()).getObject()).isEqualTo(new Permitted());
    }
}
