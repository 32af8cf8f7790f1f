package org.larchmq.embedded.faults;

import static org.larchmq.wire.FrameType.ACK;
import static org.larchmq.wire.FrameType.CREDIT;
import static org.larchmq.wire.FrameType.DELIVER;
import static org.larchmq.wire.FrameType.DRAIN;

import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.larchmq.embedded.faults.ApiCall.Family;
import org.larchmq.embedded.faults.ApiCall.Script;

/** Receiving in every acknowledge mode, acknowledging and giving back. */
final class ReceivingCalls {
    private ReceivingCalls() {}

    private record Mode(String name, int number) {}

    private static final List<Mode> MODES = List.of(
            new Mode("AUTO", Session.AUTO_ACKNOWLEDGE),
            new Mode("CLIENT", Session.CLIENT_ACKNOWLEDGE),
            new Mode("DUPS_OK", Session.DUPS_OK_ACKNOWLEDGE),
            new Mode("TRANSACTED", Session.SESSION_TRANSACTED));

    static List<ApiCall> all() {
        List<ApiCall> all = new ArrayList<>();
        for (Mode mode : MODES) {
            all.add(ApiCall.of("MessageConsumer.receive(timeout), " + mode.name, Family.RECEIVE, receive(mode.number))
                    .atUnanswered(DELIVER));
            all.add(ApiCall.of("MessageListener.onMessage, " + mode.name, Family.RECEIVE, listen(mode.number))
                    .atUnanswered(DELIVER));
        }
        all.add(ApiCall.of(
                        "MessageConsumer.receive(timeout), prefetch=0",
                        Family.RECEIVE,
                        receive(Session.AUTO_ACKNOWLEDGE))
                .atUnanswered(CREDIT)
                .with("prefetch=0"));
        all.add(ApiCall.of(
                        "MessageConsumer.receive(timeout), large message", Family.RECEIVE, ReceivingCalls::receiveLarge)
                .atUnanswered(org.larchmq.wire.FrameType.DELIVER_PART));
        all.add(ApiCall.of(
                        "MessageConsumer.receive twice, autoAckWindow=1", Family.RECEIVE, ReceivingCalls::receiveTwice)
                .at(ACK)
                .with("autoAckWindow=1"));
        all.add(ApiCall.of(
                        "MessageListener.onMessage twice, autoAckWindow=1", Family.RECEIVE, ReceivingCalls::listenTwice)
                .at(ACK)
                .with("autoAckWindow=1"));
        all.add(ApiCall.of("MessageListener.onMessage that throws", Family.RECEIVE, ReceivingCalls::listenerThrows)
                .at(DRAIN));
        all.add(ApiCall.of("Message.acknowledge", Family.ACKNOWLEDGE, ReceivingCalls::acknowledge)
                .at(ACK));
        all.add(ApiCall.of("Session.recover, CLIENT", Family.GIVE_BACK, recover(Session.CLIENT_ACKNOWLEDGE))
                .at(DRAIN));
        all.add(ApiCall.of("Session.recover, AUTO", Family.GIVE_BACK, recover(Session.AUTO_ACKNOWLEDGE))
                .at(DRAIN));
        return all;
    }

    private static Script receive(int mode) {
        return stage -> {
            stage.seed("first");
            Session session = stage.session(mode);
            return () -> {
                MessageConsumer consumer = session.createConsumer(stage.queue());
                stage.received(consumer.receive(Stage.PATIENCE_MILLIS));
            };
        };
    }

    private static ApiCall.Step receiveLarge(Stage stage) throws Exception {
        stage.seed("large" + SendingCalls.FILLING);
        stage.ledger().rename("large" + SendingCalls.FILLING, "large");
        Session session = stage.session();
        return () -> stage.received(session.createConsumer(stage.queue()).receive(Stage.PATIENCE_MILLIS));
    }

    private static Script listen(int mode) {
        return stage -> {
            stage.seed("first");
            Session session = stage.session(mode);
            CompletableFuture<String> got = new CompletableFuture<>();
            return () -> {
                MessageConsumer consumer = session.createConsumer(stage.queue());
                consumer.setMessageListener(message -> took(stage, message, got));
                stage.await(got);
            };
        };
    }

    private static void took(Stage stage, Message message, CompletableFuture<String> got) {
        try {
            stage.received(message);
            got.complete("");
        } catch (Exception e) {
            got.completeExceptionally(e);
        }
    }

    /** The second is handed over when the acknowledgement of the first is confirmed. */
    private static ApiCall.Step receiveTwice(Stage stage) throws Exception {
        stage.seed("first", "second");
        MessageConsumer consumer = stage.session().createConsumer(stage.queue());
        return () -> {
            stage.received(consumer.receive(Stage.PATIENCE_MILLIS));
            stage.received(consumer.receive(Stage.PATIENCE_MILLIS));
        };
    }

    private static ApiCall.Step listenTwice(Stage stage) throws Exception {
        stage.seed("first", "second");
        MessageConsumer consumer = stage.session().createConsumer(stage.queue());
        AtomicInteger count = new AtomicInteger();
        CompletableFuture<String> got = new CompletableFuture<>();
        return () -> {
            consumer.setMessageListener(message -> {
                if (count.incrementAndGet() == 2) took(stage, message, got);
                else took(stage, message, new CompletableFuture<>());
            });
            stage.await(got);
        };
    }

    /** What it threw for comes again. */
    private static ApiCall.Step listenerThrows(Stage stage) throws Exception {
        stage.seed("thrown");
        MessageConsumer consumer = stage.session().createConsumer(stage.queue());
        AtomicInteger count = new AtomicInteger();
        CompletableFuture<String> got = new CompletableFuture<>();
        return () -> {
            consumer.setMessageListener(message -> {
                if (count.incrementAndGet() == 1) throw new IllegalStateException("the first attempt");
                took(stage, message, got);
            });
            stage.await(got);
        };
    }

    private static ApiCall.Step acknowledge(Stage stage) throws Exception {
        stage.seed("first");
        Session session = stage.session(Session.CLIENT_ACKNOWLEDGE);
        Message message = session.createConsumer(stage.queue()).receive(Stage.PATIENCE_MILLIS);
        return () -> {
            stage.ledger().may("first");
            message.acknowledge();
            stage.ledger().gone("first");
        };
    }

    /** Nothing is acknowledged, or in AUTO what was received is. */
    private static Script recover(int mode) {
        return stage -> {
            stage.seed("first", "second");
            Session session = stage.session(mode);
            MessageConsumer consumer = session.createConsumer(stage.queue());
            consumer.receive(Stage.PATIENCE_MILLIS);
            if (mode == Session.AUTO_ACKNOWLEDGE) stage.ledger().may("first");
            return session::recover;
        };
    }
}
