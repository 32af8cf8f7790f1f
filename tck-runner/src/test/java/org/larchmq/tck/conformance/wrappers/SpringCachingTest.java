package org.larchmq.tck.conformance.wrappers;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.larchmq.tck.conformance.Section;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.core.JmsTemplate;

/** Through Spring's caching factory, and its template. */
@Section("2.5")
class SpringCachingTest extends CoreScenarios {
    @Override
    ConnectionFactory wrap(ConnectionFactory factory) {
        CachingConnectionFactory caching = new CachingConnectionFactory(factory);
        caching.setSessionCacheSize(5);
        return caching;
    }

    @Override
    void release(ConnectionFactory wrapper) {
        ((CachingConnectionFactory) wrapper).destroy();
    }

    @Test
    void aTemplateSendsAndReceives() throws JMSException {
        Queue queue = newQueue();
        CachingConnectionFactory caching = new CachingConnectionFactory(factory());
        JmsTemplate template = new JmsTemplate(caching);
        template.setReceiveTimeout(SOON);
        for (int i = 0; i < 5; i++) {
            template.convertAndSend(queue, Map.of("n", i));
            assertThat(template.receiveAndConvert(queue)).isEqualTo(Map.of("n", i));
        }
        template.setSessionTransacted(true);
        template.convertAndSend(queue, "text");
        Message message = template.receive(queue);
        assertThat(text(message)).isEqualTo("text");
        caching.destroy();
    }

    @Test
    void aTemplateDelaysAndSetsOptions() throws JMSException {
        Queue queue = newQueue();
        JmsTemplate template = new JmsTemplate(factory());
        template.setReceiveTimeout(SOON);
        template.setExplicitQosEnabled(true);
        template.setPriority(7);
        template.setDeliveryDelay(50);
        template.convertAndSend(queue, "later");
        Message message = template.receive(queue);
        assertThat(message.getJMSPriority()).isEqualTo(7);
        assertThat(message.getJMSDeliveryTime()).isGreaterThanOrEqualTo(message.getJMSTimestamp() + 50);
    }
}
