package org.larchmq.samples.testing;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.larchmq.embedded.junit.LarchMQExtension;

/** How an application tests its messaging: against a broker of its own, in the same process. */
@ExtendWith(LarchMQExtension.class)
@Timeout(30)
class GreetingServiceTest {
    /** The code under test: knows the standard interfaces only. */
    static final class GreetingService implements AutoCloseable {
        private final JMSContext context;

        GreetingService(ConnectionFactory factory) {
            context = factory.createContext();
            context.createConsumer(context.createQueue("greetings")).setMessageListener(this::answer);
        }

        private void answer(Message request) {
            try {
                String name = request.getBody(String.class);
                context.createProducer().send(request.getJMSReplyTo(), "Hello, " + name);
            } catch (JMSException e) {
                throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
            }
        }

        @Override
        public void close() {
            context.close();
        }
    }

    @Test
    void aNameIsGreeted(ConnectionFactory factory, JMSContext context) {
        try (GreetingService service = new GreetingService(factory)) {
            Queue answers = context.createTemporaryQueue();
            context.createProducer().setJMSReplyTo(answers).send(context.createQueue("greetings"), "larch");
            String answer = context.createConsumer(answers).receiveBody(String.class, 10_000);
            assertThat(answer).isEqualTo("Hello, larch");
        }
    }
}
