package org.larchmq.embedded.faults;

import static org.larchmq.wire.FrameType.BROWSE;
import static org.larchmq.wire.FrameType.CLOSE_CONSUMER;
import static org.larchmq.wire.FrameType.CREATE_CONSUMER;
import static org.larchmq.wire.FrameType.DRAIN;
import static org.larchmq.wire.FrameType.UNSUBSCRIBE;

import jakarta.jms.Connection;
import jakarta.jms.MessageConsumer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TopicSession;
import java.util.Enumeration;
import java.util.List;
import org.larchmq.embedded.faults.ApiCall.Family;
import org.larchmq.embedded.faults.ApiCall.Script;

/** Making and closing consumers and browsers, and ending subscriptions. */
final class ConsumerCalls {
    private ConsumerCalls() {}

    static List<ApiCall> all() {
        return List.of(
                ApiCall.of(
                                "Session.createConsumer(Queue)",
                                Family.REQUEST,
                                onSession((stage, session) -> session.createConsumer(stage.queue())))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "Session.createConsumer(Topic)",
                                Family.REQUEST,
                                onSession((stage, session) -> session.createConsumer(stage.topic())))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "Session.createDurableConsumer",
                                Family.REQUEST,
                                onSession((stage, session) ->
                                        session.createDurableConsumer(stage.topic(), stage.durable())))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "Session.createDurableSubscriber",
                                Family.REQUEST,
                                onSession((stage, session) ->
                                        session.createDurableSubscriber(stage.topic(), stage.durable())))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "Session.createSharedConsumer",
                                Family.REQUEST,
                                onSession((stage, session) -> session.createSharedConsumer(stage.topic(), "shared")))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "Session.createSharedDurableConsumer",
                                Family.REQUEST,
                                onSession((stage, session) ->
                                        session.createSharedDurableConsumer(stage.topic(), stage.sharedDurable())))
                        .at(CREATE_CONSUMER),
                ApiCall.of("TopicSession.createSubscriber", Family.REQUEST, ConsumerCalls::subscriber)
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "Session.createBrowser",
                                Family.REQUEST,
                                onSession((stage, session) -> session.createBrowser(stage.queue())))
                        .at(CREATE_CONSUMER),
                ApiCall.of("QueueBrowser.getEnumeration, hasMoreElements", Family.BROWSE, ConsumerCalls::browse)
                        .at(BROWSE),
                ApiCall.of("QueueBrowser.getEnumeration (second)", Family.BROWSE, ConsumerCalls::browseAgain)
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "QueueBrowser.close",
                                Family.CLOSE,
                                stage -> stage.session().createBrowser(stage.queue())::close)
                        .at(CLOSE_CONSUMER),
                ApiCall.of(
                                "MessageConsumer.close",
                                Family.CLOSE,
                                stage -> stage.session().createConsumer(stage.queue())::close)
                        .at(CLOSE_CONSUMER),
                ApiCall.of("MessageConsumer.close (durable)", Family.CLOSE, ConsumerCalls::closeDurable)
                        .at(CLOSE_CONSUMER),
                ApiCall.of("Session.close", Family.CLOSE, ConsumerCalls::closeSession)
                        .at(CLOSE_CONSUMER),
                ApiCall.of(
                                "Session.close (CLIENT_ACKNOWLEDGE, messages held)",
                                Family.CLOSE,
                                ConsumerCalls::closeHolding)
                        .at(CLOSE_CONSUMER),
                ApiCall.of("Session.unsubscribe", Family.UNSUBSCRIBE, ConsumerCalls::unsubscribe)
                        .at(UNSUBSCRIBE)
                        .once(),
                ApiCall.of("MessageConsumer.receiveNoWait (empty)", Family.REQUEST, ConsumerCalls::receiveNoWait)
                        .at(DRAIN),
                ApiCall.of("MessageConsumer.receive(timeout) (empty, prefetch=0)", Family.REQUEST, stage -> {
                            MessageConsumer consumer = stage.session().createConsumer(stage.queue());
                            return () -> consumer.receive(50);
                        })
                        .at(DRAIN)
                        .with("prefetch=0"));
    }

    private interface OnSession {
        void make(Stage stage, Session session) throws Exception;
    }

    private static Script onSession(OnSession call) {
        return stage -> {
            Session session = stage.session();
            return () -> call.make(stage, session);
        };
    }

    private static ApiCall.Step subscriber(Stage stage) throws Exception {
        var factory = (jakarta.jms.TopicConnectionFactory) stage.factory();
        TopicSession session =
                stage.closeLater(factory.createTopicConnection()).createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        return () -> session.createSubscriber(stage.topic());
    }

    private static ApiCall.Step browse(Stage stage) throws Exception {
        stage.seed("seen");
        QueueBrowser browser = stage.session().createBrowser(stage.queue());
        return () -> look(browser);
    }

    private static ApiCall.Step browseAgain(Stage stage) throws Exception {
        QueueBrowser browser = stage.session().createBrowser(stage.queue());
        look(browser);
        return () -> look(browser);
    }

    private static void look(QueueBrowser browser) throws Exception {
        Enumeration<?> messages = browser.getEnumeration();
        while (messages.hasMoreElements()) messages.nextElement();
    }

    private static ApiCall.Step closeDurable(Stage stage) throws Exception {
        stage.seedDurable("waiting");
        return stage.session().createDurableConsumer(stage.topic(), stage.durable())::close;
    }

    private static ApiCall.Step closeSession(Stage stage) throws Exception {
        Session session = stage.session();
        session.createConsumer(stage.queue());
        session.createProducer(stage.target());
        return session::close;
    }

    private static ApiCall.Step closeHolding(Stage stage) throws Exception {
        stage.seed("held-1", "held-2");
        Session session = stage.session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(stage.queue());
        consumer.receive(Stage.PATIENCE_MILLIS);
        return session::close;
    }

    private static ApiCall.Step unsubscribe(Stage stage) throws Exception {
        stage.seedDurable("unwanted");
        Connection connection = stage.connection();
        Session session = connection.createSession();
        return () -> {
            stage.ledger().may("unwanted");
            session.unsubscribe(stage.durable());
        };
    }

    private static ApiCall.Step receiveNoWait(Stage stage) throws Exception {
        MessageConsumer consumer = stage.session().createConsumer(stage.queue());
        return consumer::receiveNoWait;
    }
}
