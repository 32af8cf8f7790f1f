package org.larchmq.embedded.faults;

import static org.larchmq.wire.FrameType.ACK;
import static org.larchmq.wire.FrameType.BROWSE;
import static org.larchmq.wire.FrameType.CLOSE;
import static org.larchmq.wire.FrameType.CLOSE_CONSUMER;
import static org.larchmq.wire.FrameType.COMMIT;
import static org.larchmq.wire.FrameType.COMMIT_NAMED;
import static org.larchmq.wire.FrameType.CREATE_CONSUMER;
import static org.larchmq.wire.FrameType.DELIVER;
import static org.larchmq.wire.FrameType.DRAIN;
import static org.larchmq.wire.FrameType.OPEN_DESTINATION;
import static org.larchmq.wire.FrameType.SEND;
import static org.larchmq.wire.FrameType.SET_CLIENT_ID;
import static org.larchmq.wire.FrameType.UNSUBSCRIBE;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.QueueBrowser;
import jakarta.jms.TransactionRolledBackRuntimeException;
import java.util.Enumeration;
import java.util.List;
import org.larchmq.embedded.faults.ApiCall.Family;
import org.larchmq.embedded.faults.ApiCall.Script;

/** The simplified API. */
final class ContextCalls {
    private ContextCalls() {}

    static List<ApiCall> all() {
        return List.of(
                ApiCall.of("JMSContext.setClientID", Family.REQUEST, stage -> {
                            JMSContext context =
                                    stage.closeLater(stage.anonymousFactory().createContext());
                            return () -> context.setClientID(stage.clientId());
                        })
                        .at(SET_CLIENT_ID)
                        .once(),
                ApiCall.of("JMSContext.createContext", Family.LOCAL, stage -> {
                    JMSContext context = stage.context();
                    return () -> stage.closeLater(context.createContext(JMSContext.CLIENT_ACKNOWLEDGE));
                }),
                ApiCall.of(
                                "JMSContext.createConsumer",
                                Family.REQUEST,
                                onContext((stage, context) -> context.createConsumer(stage.queue())))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "JMSContext.createDurableConsumer",
                                Family.REQUEST,
                                onContext((stage, context) ->
                                        context.createDurableConsumer(stage.topic(), stage.durable())))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "JMSContext.createSharedConsumer",
                                Family.REQUEST,
                                onContext((stage, context) -> context.createSharedConsumer(stage.topic(), "shared")))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "JMSContext.createSharedDurableConsumer",
                                Family.REQUEST,
                                onContext((stage, context) ->
                                        context.createSharedDurableConsumer(stage.topic(), stage.sharedDurable())))
                        .at(CREATE_CONSUMER),
                ApiCall.of("JMSContext.createBrowser, enumeration", Family.BROWSE, ContextCalls::browse)
                        .at(BROWSE),
                ApiCall.of(
                                "JMSContext.createTemporaryQueue",
                                Family.REQUEST,
                                onContext((stage, context) -> context.createTemporaryQueue()))
                        .at(OPEN_DESTINATION),
                ApiCall.of("JMSContext.unsubscribe", Family.UNSUBSCRIBE, ContextCalls::unsubscribe)
                        .at(UNSUBSCRIBE)
                        .once(),
                ApiCall.of("JMSProducer.send", Family.SEND, ContextCalls::send).at(SEND),
                ApiCall.of("JMSConsumer.receive(timeout)", Family.RECEIVE, ContextCalls::receive)
                        .atUnanswered(DELIVER),
                ApiCall.of("JMSConsumer.receiveBody(timeout)", Family.RECEIVE, ContextCalls::receiveBody)
                        .atUnanswered(DELIVER),
                ApiCall.of("JMSConsumer.receiveBodyNoWait (empty)", Family.REQUEST, stage -> {
                            JMSConsumer consumer = stage.context().createConsumer(stage.queue());
                            return () -> consumer.receiveBodyNoWait(String.class);
                        })
                        .at(DRAIN),
                ApiCall.of("JMSContext.acknowledge", Family.ACKNOWLEDGE, ContextCalls::acknowledge)
                        .at(ACK),
                ApiCall.of("JMSContext.recover", Family.GIVE_BACK, ContextCalls::recover)
                        .at(DRAIN),
                ApiCall.of("JMSContext.commit", Family.COMMIT_RECEIVED, ContextCalls::commit)
                        .at(COMMIT, COMMIT_NAMED),
                ApiCall.of("JMSContext.rollback", Family.GIVE_BACK, ContextCalls::rollback)
                        .at(DRAIN),
                ApiCall.of(
                                "JMSConsumer.close",
                                Family.CLOSE,
                                stage -> stage.context().createConsumer(stage.queue())::close)
                        .at(CLOSE_CONSUMER),
                ApiCall.of("JMSContext.close", Family.CLOSE, stage -> stage.context()::close)
                        .at(CLOSE),
                ApiCall.of("JMSContext.close, with a consumer", Family.CLOSE, stage -> {
                            JMSContext context = stage.context();
                            context.createConsumer(stage.queue());
                            return context::close;
                        })
                        .at(CLOSE_CONSUMER),
                ApiCall.of("JMSContext.start", Family.LOCAL, stage -> stage.context()::start),
                ApiCall.of("JMSContext.stop", Family.LOCAL, stage -> stage.context()::stop));
    }

    private interface OnContext {
        void make(Stage stage, JMSContext context);
    }

    private static Script onContext(OnContext call) {
        return stage -> {
            JMSContext context = stage.context();
            return () -> call.make(stage, context);
        };
    }

    private static ApiCall.Step browse(Stage stage) throws Exception {
        stage.seed("seen");
        QueueBrowser browser = stage.context().createBrowser(stage.queue());
        return () -> {
            Enumeration<?> messages = browser.getEnumeration();
            while (messages.hasMoreElements()) messages.nextElement();
        };
    }

    private static ApiCall.Step unsubscribe(Stage stage) {
        stage.seedDurable("unwanted");
        JMSContext context = stage.context();
        return () -> {
            stage.ledger().may("unwanted");
            context.unsubscribe(stage.durable());
        };
    }

    private static ApiCall.Step send(Stage stage) {
        JMSContext context = stage.context();
        return () -> {
            stage.ledger().may("sent");
            context.createProducer().send(stage.queue(), "sent");
            stage.ledger().must("sent");
        };
    }

    private static ApiCall.Step receive(Stage stage) {
        stage.seed("first");
        JMSContext context = stage.context();
        return () -> stage.received(context.createConsumer(stage.queue()).receive(Stage.PATIENCE_MILLIS));
    }

    private static ApiCall.Step receiveBody(Stage stage) {
        stage.seed("first");
        JMSContext context = stage.context();
        return () -> {
            String body = context.createConsumer(stage.queue()).receiveBody(String.class, Stage.PATIENCE_MILLIS);
            if (body == null) throw new Endings.NothingReceived();
            stage.ledger().may(body);
        };
    }

    private static ApiCall.Step acknowledge(Stage stage) {
        stage.seed("first");
        JMSContext context = stage.context(JMSContext.CLIENT_ACKNOWLEDGE);
        context.createConsumer(stage.queue()).receive(Stage.PATIENCE_MILLIS);
        return () -> {
            stage.ledger().may("first");
            context.acknowledge();
            stage.ledger().gone("first");
        };
    }

    private static ApiCall.Step recover(Stage stage) {
        stage.seed("first");
        JMSContext context = stage.context(JMSContext.CLIENT_ACKNOWLEDGE);
        context.createConsumer(stage.queue()).receive(Stage.PATIENCE_MILLIS);
        return context::recover;
    }

    private static JMSContext transacted(Stage stage) {
        stage.seed("received");
        JMSContext context = stage.context(JMSContext.SESSION_TRANSACTED);
        context.createConsumer(stage.queue()).receive(Stage.PATIENCE_MILLIS);
        return context;
    }

    private static ApiCall.Step commit(Stage stage) {
        JMSContext context = transacted(stage);
        context.createProducer().send(stage.target(), "sent");
        return () -> {
            stage.ledger().may("sent");
            stage.ledger().may("received");
            try {
                context.commit();
            } catch (TransactionRolledBackRuntimeException e) {
                stage.ledger().gone("sent");
                stage.ledger().must("received");
                throw e;
            }
            stage.ledger().must("sent");
            stage.ledger().gone("received");
        };
    }

    private static ApiCall.Step rollback(Stage stage) {
        return transacted(stage)::rollback;
    }
}
