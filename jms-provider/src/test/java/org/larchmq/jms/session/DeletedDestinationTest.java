package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/** A permanent destination is deleted while a client knows it: what is sent there next is sent to the one made anew. */
@Timeout(60)
class DeletedDestinationTest {
    private FakeBroker broker;
    private Connection connection;
    private Session session;
    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws Exception {
        broker = new FakeBroker().leavesUnanswered(FrameType.OPEN_DESTINATION).start();
    }

    @AfterEach
    void stop() throws Exception {
        if (connection != null) connection.close();
        broker.close();
    }

    private MessageProducer producer(boolean failover, int mode) throws Exception {
        String uri = failover ? broker.failoverUri("") : broker.plainUri("");
        connection = LarchConnection.open(LarchUri.parse(uri));
        session = connection.createSession(mode);
        CompletableFuture<MessageProducer> made = later(() -> session.createProducer(session.createQueue("orders")));
        opens(7);
        return made.get(10, TimeUnit.SECONDS);
    }

    private interface Call<T> {
        T run() throws JMSException;
    }

    private static <T> CompletableFuture<T> later(Call<T> call) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return call.run();
            } catch (JMSException e) {
                throw new CompletionException(e);
            }
        });
    }

    private CompletableFuture<Void> send(MessageProducer producer) {
        return later(() -> {
            producer.send(session.createTextMessage("a"));
            return null;
        });
    }

    private void opens(int handle) throws InterruptedException {
        int id = broker.expect(FrameType.OPEN_DESTINATION).body().getInt();
        broker.send(out -> new Frames.Reply(id, ErrorCode.OK, "", handle, "orders").encode(out));
    }

    private void opensNothing() throws InterruptedException {
        broker.reply(broker.expect(FrameType.OPEN_DESTINATION), ErrorCode.INVALID_DESTINATION, "there is no orders");
    }

    private void refusesSend() throws InterruptedException {
        long sequence = broker.expect(FrameType.SEND).body().getLong();
        broker.refuse(sequence, ErrorCode.INVALID_DESTINATION, "it does not exist any more");
    }

    private void confirmsSendTo(int handle) throws InterruptedException {
        var body = broker.expect(FrameType.SEND).body();
        long sequence = body.getLong();
        body.getLong();
        body.getInt();
        assertThat(body.getInt()).isEqualTo(handle);
        broker.confirm(sequence, 1);
    }

    private CompletionListener tells() {
        return new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                told.add(message);
            }

            @Override
            public void onException(Message message, Exception exception) {
                told.add(exception);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSendGoesToTheQueueThatIsMadeAnew(boolean failover) throws Exception {
        MessageProducer producer = producer(failover, Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Void> sending = send(producer);
        refusesSend();
        opens(8);
        confirmsSendTo(8);
        sending.get(10, TimeUnit.SECONDS);
        CompletableFuture<Void> next = send(producer);
        confirmsSendTo(8);
        next.get(10, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSendIsRefusedWhenTheQueueIsNotMadeAnew(boolean failover) throws Exception {
        CompletableFuture<Void> sending = send(producer(failover, Session.AUTO_ACKNOWLEDGE));
        refusesSend();
        opensNothing();
        assertThatThrownBy(() -> sending.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void withFailoverAnAsynchronousSendGoesToTheQueueThatIsMadeAnew() throws Exception {
        MessageProducer producer = producer(true, Session.AUTO_ACKNOWLEDGE);
        producer.send(session.createTextMessage("a"), tells());
        refusesSend();
        opens(8);
        confirmsSendTo(8);
        assertThat(told.poll(10, TimeUnit.SECONDS)).isInstanceOf(Message.class);
    }

    @Test
    void withoutFailoverAnAsynchronousSendIsToldAndTheNextGoesToTheQueueThatIsMadeAnew() throws Exception {
        MessageProducer producer = producer(false, Session.AUTO_ACKNOWLEDGE);
        producer.send(session.createTextMessage("a"), tells());
        refusesSend();
        assertThat(told.poll(10, TimeUnit.SECONDS)).isInstanceOf(InvalidDestinationException.class);
        CompletableFuture<Void> next = later(() -> {
            producer.send(session.createTextMessage("b"), tells());
            return null;
        });
        opens(8);
        confirmsSendTo(8);
        next.get(10, TimeUnit.SECONDS);
        assertThat(told.poll(10, TimeUnit.SECONDS)).isInstanceOf(Message.class);
    }

    @Test
    void aTransactionIsCommittedToTheQueueThatIsMadeAnew() throws Exception {
        broker.leavesUnanswered(FrameType.COMMIT);
        MessageProducer producer = producer(false, Session.SESSION_TRANSACTED);
        producer.send(session.createTextMessage("a"));
        CompletableFuture<Void> committing = later(() -> {
            session.commit();
            return null;
        });
        broker.reply(broker.expect(FrameType.COMMIT), ErrorCode.INVALID_DESTINATION, "it does not exist any more");
        opens(8);
        broker.reply(broker.expect(FrameType.COMMIT), ErrorCode.OK, "");
        committing.get(10, TimeUnit.SECONDS);
    }
}
