package org.larchmq.embedded.faults;

import static org.larchmq.wire.FrameType.DELETE_DESTINATION;
import static org.larchmq.wire.FrameType.OPEN_DESTINATION;
import static org.larchmq.wire.FrameType.PART;
import static org.larchmq.wire.FrameType.SEND;
import static org.larchmq.wire.FrameType.SEND_LARGE;

import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.larchmq.embedded.faults.ApiCall.Family;
import org.larchmq.embedded.faults.ApiCall.Script;

/** Producers and temporary destinations. */
final class SendingCalls {
    /** Behind a text and a space: makes the message one that goes in parts. */
    static final String FILLING = " " + "x".repeat(300_000);

    private SendingCalls() {}

    static List<ApiCall> all() {
        return List.of(
                ApiCall.of("Session.createProducer", Family.REQUEST, stage -> {
                            Session session = stage.session();
                            return () -> session.createProducer(stage.target());
                        })
                        .at(OPEN_DESTINATION),
                ApiCall.of("MessageProducer.send, PERSISTENT", Family.SEND, send(DeliveryMode.PERSISTENT, ""))
                        .at(SEND),
                ApiCall.of("MessageProducer.send, NON_PERSISTENT", Family.SEND, send(DeliveryMode.NON_PERSISTENT, ""))
                        .at(SEND),
                ApiCall.of("MessageProducer.send, sendNonPersistentAsync", Family.FORGET, SendingCalls::sendAndForget)
                        .at(SEND)
                        .with("sendNonPersistentAsync=true"),
                ApiCall.of("MessageProducer.send, large", Family.SEND, send(DeliveryMode.PERSISTENT, FILLING))
                        .at(SEND_LARGE),
                ApiCall.of(
                                "MessageProducer.send, large, at a part",
                                Family.SEND,
                                send(DeliveryMode.PERSISTENT, FILLING))
                        .atUnanswered(PART),
                ApiCall.of("MessageProducer.send(Destination)", Family.REQUEST, SendingCalls::sendAnonymous)
                        .at(OPEN_DESTINATION)
                        .once(),
                ApiCall.of("MessageProducer.send to a topic", Family.SEND, SendingCalls::sendToTopic)
                        .at(SEND),
                ApiCall.of("MessageProducer.send(CompletionListener)", Family.SEND, sendAsync(""))
                        .at(SEND),
                ApiCall.of("MessageProducer.send(CompletionListener), large", Family.SEND, sendAsync(FILLING))
                        .at(SEND_LARGE),
                ApiCall.of(
                                "MessageProducer.close, asynchronous sends under way",
                                Family.CLOSE,
                                SendingCalls::closeProducer)
                        .at(SEND),
                ApiCall.of(
                        "MessageProducer.close",
                        Family.CLOSE,
                        stage -> stage.session().createProducer(stage.target())::close),
                ApiCall.of("Session.createTemporaryQueue", Family.REQUEST, stage -> {
                            Session session = stage.session();
                            return session::createTemporaryQueue;
                        })
                        .at(OPEN_DESTINATION),
                ApiCall.of("Session.createTemporaryTopic", Family.REQUEST, stage -> {
                            Session session = stage.session();
                            return session::createTemporaryTopic;
                        })
                        .at(OPEN_DESTINATION),
                ApiCall.of(
                                "TemporaryQueue.delete",
                                Family.REQUEST,
                                stage -> stage.session().createTemporaryQueue()::delete)
                        .at(DELETE_DESTINATION)
                        .once(),
                ApiCall.of(
                                "TemporaryTopic.delete",
                                Family.REQUEST,
                                stage -> stage.session().createTemporaryTopic()::delete)
                        .at(DELETE_DESTINATION)
                        .once());
    }

    private static Script send(int deliveryMode, String filling) {
        return stage -> {
            Session session = stage.session();
            MessageProducer producer = session.createProducer(stage.queue());
            producer.setDeliveryMode(deliveryMode);
            Message message = session.createTextMessage("sent" + filling);
            return () -> {
                stage.ledger().may("sent");
                producer.send(message);
                stage.ledger().must("sent");
            };
        };
    }

    private static ApiCall.Step sendAndForget(Stage stage) throws Exception {
        Session session = stage.session();
        MessageProducer producer = session.createProducer(stage.queue());
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        Message message = session.createTextMessage("sent");
        return () -> {
            stage.ledger().may("sent");
            producer.send(message);
        };
    }

    private static ApiCall.Step sendAnonymous(Stage stage) throws Exception {
        Session session = stage.session();
        MessageProducer producer = session.createProducer(null);
        Message message = session.createTextMessage("sent");
        return () -> {
            stage.ledger().may("sent");
            producer.send(stage.queue(), message);
            stage.ledger().must("sent");
        };
    }

    private static ApiCall.Step sendToTopic(Stage stage) throws Exception {
        Session session = stage.session();
        MessageProducer producer = session.createProducer(stage.topic());
        Message message = session.createTextMessage("nobody gets it");
        return () -> producer.send(message);
    }

    private static final class Completion extends CompletableFuture<String> implements CompletionListener {
        @Override
        public void onCompletion(Message message) {
            complete("");
        }

        @Override
        public void onException(Message message, Exception exception) {
            completeExceptionally(exception);
        }
    }

    /** What the completion listener is told counts. */
    private static Script sendAsync(String filling) {
        return stage -> {
            Session session = stage.session();
            MessageProducer producer = session.createProducer(stage.queue());
            Message message = session.createTextMessage("sent" + filling);
            return () -> {
                stage.ledger().may("sent");
                Completion completion = new Completion();
                producer.send(message, completion);
                stage.completed(completion);
                stage.ledger().must("sent");
            };
        };
    }

    /** By then every completion listener must have been called. */
    private static ApiCall.Step closeProducer(Stage stage) throws Exception {
        Session session = stage.session();
        MessageProducer producer = session.createProducer(stage.queue());
        return () -> {
            stage.ledger().may("sent-1");
            stage.ledger().may("sent-2");
            Completion first = new Completion();
            Completion second = new Completion();
            producer.send(session.createTextMessage("sent-1"), first);
            producer.send(session.createTextMessage("sent-2"), second);
            producer.close();
        };
    }
}
