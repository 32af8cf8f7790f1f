package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;

import com.arjuna.ats.arjuna.common.CoreEnvironmentBeanException;
import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.arjPropertyManager;
import com.arjuna.ats.arjuna.common.recoveryPropertyManager;
import com.arjuna.ats.arjuna.recovery.RecoveryManager;
import com.arjuna.ats.jta.common.jtaPropertyManager;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import jakarta.jms.Connection;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionManager;
import java.nio.file.Path;
import java.util.List;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** Two brokers in the transactions of a transaction manager, Narayana. Its recovery after kills is the rig xa-kill. */
@Timeout(120)
class NarayanaTest {
    @TempDir
    static Path store;

    @TempDir
    Path oneData;

    @TempDir
    Path twoData;

    private final TransactionManager manager = com.arjuna.ats.jta.TransactionManager.transactionManager();
    private Broker one;
    private Broker two;
    private XAConnection toOne;
    private XAConnection toTwo;

    @BeforeAll
    static void configure() throws CoreEnvironmentBeanException {
        arjPropertyManager.getCoreEnvironmentBean().setNodeIdentifier("larchmq");
        for (String name : new String[] {"default", "communicationStore", "stateStore"}) {
            BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, name.equals("default") ? null : name)
                    .setObjectStoreDir(store.toString());
        }
        jtaPropertyManager.getJTAEnvironmentBean().setXaRecoveryNodes(List.of("larchmq"));
        recoveryPropertyManager.getRecoveryEnvironmentBean().setRecoveryBackoffPeriod(1);
    }

    @BeforeEach
    void start() throws Exception {
        one = broker(oneData);
        two = broker(twoData);
        toOne = connect(one);
        toTwo = connect(two);
    }

    private static Broker broker(Path data) throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data);
        return Broker.start(settings.with(settings.network().withPort(0)));
    }

    private static XAConnection connect(Broker broker) throws Exception {
        XAConnection connection = new LarchXAConnectionFactory("tcp://localhost:" + broker.port()).createXAConnection();
        connection.start();
        return connection;
    }

    @AfterEach
    void stop() throws Exception {
        if (manager.getStatus() != Status.STATUS_NO_TRANSACTION) manager.rollback();
        toOne.close();
        toTwo.close();
        one.close();
        two.close();
    }

    private static void send(Session session, String queue, String text) throws Exception {
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.send(session.createTextMessage(text));
        producer.close();
    }

    private static String receive(Session session, String queue, int millis) throws Exception {
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            TextMessage message = (TextMessage) consumer.receive(millis);
            return message == null ? null : message.getText();
        }
    }

    private static String waiting(Broker broker, String queue) throws Exception {
        try (Connection connection =
                new LarchConnectionFactory("tcp://localhost:" + broker.port()).createConnection()) {
            connection.start();
            return receive(connection.createSession(), queue, 500);
        }
    }

    /** Moves a message from a queue of the first broker to one of the second. */
    private void move() throws Exception {
        XASession from = toOne.createXASession();
        XASession to = toTwo.createXASession();
        send(from, "in", "order");
        manager.begin();
        assertThat(manager.getTransaction().enlistResource(from.getXAResource()))
                .isTrue();
        assertThat(manager.getTransaction().enlistResource(to.getXAResource())).isTrue();
        assertThat(receive(from, "in", 5000)).isEqualTo("order");
        send(to, "out", "order");
    }

    @Test
    void aMessageMovesBetweenBrokersWhenTheTransactionCommits() throws Exception {
        move();
        manager.commit();
        assertThat(waiting(one, "in")).isNull();
        assertThat(waiting(two, "out")).isEqualTo("order");
    }

    @Test
    void nothingMovesWhenTheTransactionRollsBack() throws Exception {
        move();
        manager.rollback();
        assertThat(waiting(two, "out")).isNull();
        assertThat(waiting(one, "in")).isEqualTo("order");
    }

    @Test
    void twoSessionsOfOneBrokerAreOneBranch() throws Exception {
        XASession first = toOne.createXASession();
        XASession second = toOne.createXASession();
        manager.begin();
        manager.getTransaction().enlistResource(first.getXAResource());
        manager.getTransaction().enlistResource(second.getXAResource());
        send(first, "a", "1");
        send(second, "b", "2");
        manager.commit();
        assertThat(waiting(one, "a")).isEqualTo("1");
        assertThat(waiting(one, "b")).isEqualTo("2");
    }

    @Test
    void aSuspendedTransactionGoesOnLater() throws Exception {
        XASession session = toOne.createXASession();
        manager.begin();
        manager.getTransaction().enlistResource(session.getXAResource());
        send(session, "a", "in it");
        var suspended = manager.suspend();
        assertThat(manager.getStatus()).isEqualTo(Status.STATUS_NO_TRANSACTION);
        manager.resume(suspended);
        send(session, "a", "still in it");
        manager.rollback();
        assertThat(waiting(one, "a")).isNull();
    }

    /** A prepared branch that no transaction knows of any more is rolled back by recovery. */
    @Test
    void recoveryRollsBackWhatNobodyHasDecided() throws Exception {
        XASession session = toOne.createXASession();
        XAResource resource = session.getXAResource();
        javax.transaction.xa.Xid orphan = com.arjuna.ats.jta.xa.XATxConverter.getXid(
                new com.arjuna.ats.arjuna.common.Uid(), true, com.arjuna.ats.jta.xa.XATxConverter.FORMAT_ID);
        resource.start(orphan, XAResource.TMNOFLAGS);
        send(session, "out", "orphan");
        resource.end(orphan, XAResource.TMSUCCESS);
        resource.prepare(orphan);
        RecoveryManager recovery = RecoveryManager.manager(RecoveryManager.DIRECT_MANAGEMENT);
        recovery.initialize();
        var module = new com.arjuna.ats.internal.jta.recovery.arjunacore.XARecoveryModule();
        module.addXAResourceRecoveryHelper(new com.arjuna.ats.jta.recovery.XAResourceRecoveryHelper() {
            @Override
            public boolean initialise(String text) {
                return true;
            }

            @Override
            public XAResource[] getXAResources() {
                return new XAResource[] {resource};
            }
        });
        module.addXAResourceOrphanFilter(
                new com.arjuna.ats.internal.jta.recovery.arjunacore.JTANodeNameXAResourceOrphanFilter());
        jtaPropertyManager.getJTAEnvironmentBean().setOrphanSafetyInterval(1);
        for (int pass = 0; pass < 3; pass++) {
            module.periodicWorkFirstPass();
            module.periodicWorkSecondPass();
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();
        assertThat(waiting(one, "out")).isNull();
        recovery.terminate();
    }
}
