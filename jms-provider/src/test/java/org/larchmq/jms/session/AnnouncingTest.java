package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.message.ByteReader;
import org.larchmq.wire.FrameType;

/** The broker is told which message the application has in hand, so that a death counts for that one alone. */
@Timeout(60)
class AnnouncingTest {
    private FakeBroker broker;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        broker = new FakeBroker().start();
        connection = LarchConnection.open(LarchUri.parse(broker.uri("")));
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        broker.close();
    }

    private MessageConsumer consumer(int mode) throws Exception {
        Session session = connection.createSession(mode);
        MessageConsumer consumer = session.createConsumer(session.createQueue("q"));
        connection.start();
        broker.expect(FrameType.CREDIT);
        return consumer;
    }

    private long seen() throws InterruptedException {
        ByteReader body = broker.expect(FrameType.SEEN).body();
        assertThat(body.getInt()).isEqualTo(1);
        return body.getLong();
    }

    @Test
    void theFirstMessageOfAConsumerIsAnnouncedWhileTheListenerHasIt() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        consumer(Session.AUTO_ACKNOWLEDGE).setMessageListener(message -> {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        broker.deliver(1, 1, 1, Encoded.text("a"));

        assertThat(seen()).isEqualTo(1);
        goOn.countDown();
    }

    @Test
    void laterMessagesAreAnnouncedOnlyWhenTheyAreRedelivered() throws Exception {
        MessageConsumer consumer = consumer(Session.CLIENT_ACKNOWLEDGE);
        broker.deliver(1, 1, 1, Encoded.texts(3));
        for (int i = 0; i < 3; i++) assertThat(consumer.receive(10_000)).isNotNull();
        broker.deliver(1, 4, 2, Encoded.text("again"));
        assertThat(consumer.receive(10_000)).isNotNull();

        assertThat(seen()).isEqualTo(1);
        assertThat(seen()).isEqualTo(4);
    }

    @Test
    void theFirstMessageOnANewTransportIsAnnouncedAgain() throws Exception {
        connection.close();
        connection = LarchConnection.open(LarchUri.parse(broker.failoverUri("")));
        MessageConsumer consumer = consumer(Session.CLIENT_ACKNOWLEDGE);
        broker.deliver(1, 1, 1, Encoded.text("a"));
        assertThat(consumer.receive(10_000)).isNotNull();
        assertThat(seen()).isEqualTo(1);
        broker.dropConnection();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.text("a"));
        assertThat(consumer.receive(10_000)).isNotNull();

        assertThat(seen()).isEqualTo(1);
    }
}
