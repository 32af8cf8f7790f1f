package org.larchmq.embedded.faults;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.larchmq.embedded.faults.ApiCall.Family;
import org.larchmq.wire.FrameType;

/** Clients and brokers with the mistakes that the matrix is there to find: it must find each of them. */
@Timeout(120)
class FaultMatrixTeethTest {
    private static final CombinationRun.Patience LITTLE = new CombinationRun.Patience(1_000, 2_000);

    private static FaultMatrix matrix() {
        return FaultMatrix.start(500, LITTLE);
    }

    private static String wrong(ApiCall call, Fault fault, boolean failsOver) {
        try (FaultMatrix matrix = matrix()) {
            return wrong(matrix, call, fault, failsOver);
        }
    }

    private static String wrong(FaultMatrix matrix, ApiCall call, Fault fault, boolean failsOver) {
        return String.join(
                "\n", matrix.run(new Combination(call, fault, failsOver)).wrong());
    }

    @Test
    void aClientThatLeavesAThreadIsFound() {
        ApiCall leaves = ApiCall.of("leaves a connection open", Family.LOCAL, stage -> {
            ConnectionFactory factory = stage.anonymousFactory();
            Connection leaked = factory.createConnection();
            return leaked::createSession;
        });
        assertThat(wrong(leaves, Fault.CUT_BEFORE, true)).contains("the thread larchmq-127.0.0.1:", "is left");
    }

    @Test
    void aBrokerThatKeepsADurableSubscriptionInUseIsFound() {
        try (FaultMatrix matrix = matrix()) {
            AtomicReference<JMSContext> other = new AtomicReference<>();
            ApiCall keeps = ApiCall.of("somebody else keeps the client id", Family.LOCAL, stage -> {
                Session session = stage.closeLater(stage.anonymousFactory().createConnection())
                        .createSession();
                other.set(matrix.store().open(stage.clientId()));
                other.get().createDurableConsumer(stage.topic(), stage.durable());
                return session::getAcknowledgeMode;
            });
            assertThat(wrong(matrix, keeps, Fault.CUT_BEFORE, true)).contains("cannot take over");
            other.get().close();
        }
    }

    @Test
    void aBrokerThatNeverForgetsASilentClientIsFound() {
        ApiCall waits = ApiCall.of("has a durable consumer", Family.LOCAL, stage -> {
            Session session = stage.session();
            session.createDurableConsumer(stage.topic(), stage.durable());
            return session::getAcknowledgeMode;
        });
        try (FaultMatrix matrix = FaultMatrix.start(0, LITTLE)) {
            assertThat(wrong(matrix, waits, Fault.STALL, false))
                    .contains("the broker still keeps a connection", "cannot take over");
        }
    }

    @Test
    void aCallThatHangsIsFound() {
        ApiCall hangs = ApiCall.of("waits for ever", Family.LOCAL, stage -> {
            stage.connection();
            return new CountDownLatch(1)::await;
        });
        assertThat(wrong(hangs, Fault.CUT_BEFORE, false)).contains("the call has not ended after", "CountDownLatch");
    }

    @Test
    void anExceptionThatIsNotDocumentedIsFound() {
        ApiCall throwsOther = ApiCall.of("fails in its own way", Family.LOCAL, stage -> {
            stage.connection();
            return () -> {
                throw new NullPointerException();
            };
        });
        assertThat(wrong(throwsOther, Fault.CUT_BEFORE, false)).contains("it ended with NullPointerException");
    }

    @Test
    void aCreationThatIsUnansweredButInUseAfterwardsIsFound() {
        ApiCall inUse = ApiCall.of("creates it and says that it timed out", Family.REQUEST, stage -> {
                    Session session = stage.session();
                    return () -> {
                        session.createProducer(stage.target());
                        session.createDurableConsumer(stage.topic(), stage.durable());
                        throw new JMSException("no answer", "LARCH-102-TIMEOUT");
                    };
                })
                .at(FrameType.CREATE_CONSUMER);
        assertThat(wrong(inUse, Fault.CUT_BEFORE, true)).contains("made again it ended with SUBSCRIPTION_IN_USE");
    }

    @Test
    void aLostAndADoubledMessageAreFound() {
        ApiCall loses = ApiCall.of("believes to have sent", Family.LOCAL, stage -> {
            Session session = stage.session();
            session.createProducer(stage.queue()).send(session.createTextMessage("twice"));
            session.createProducer(stage.queue()).send(session.createTextMessage("twice"));
            stage.ledger().must("twice");
            stage.ledger().must("never sent");
            return session::getAcknowledgeMode;
        });
        assertThat(wrong(loses, Fault.CUT_BEFORE, true)).contains("'never sent' is lost", "'twice' is there 2 times");
    }

    @Test
    void aFaultThatDoesNotHappenIsFound() {
        ApiCall sendsNothing = ApiCall.of(
                        "sends no such frame", Family.LOCAL, stage -> stage.connection()::createSession)
                .at(FrameType.XA_FORGET);
        assertThat(wrong(sendsNothing, Fault.CUT_BEFORE, false)).contains("the fault did not happen");
    }

    @Test
    void theMatrixIsLargeAndEveryCombinationHasANameOfItsOwn() {
        List<Combination> all = FaultMatrix.combinations(ApiCall.all(), combination -> true);
        assertThat(all.size()).isGreaterThanOrEqualTo(400);
        assertThat(all.stream().map(Combination::name).distinct()).hasSameSizeAs(all);
    }
}
