package org.larchmq.embedded.faults;

import static org.larchmq.wire.FrameType.CLOSE;
import static org.larchmq.wire.FrameType.CLOSE_CONSUMER;
import static org.larchmq.wire.FrameType.CREATE_CONSUMER;
import static org.larchmq.wire.FrameType.CREDIT;
import static org.larchmq.wire.FrameType.DELIVER;
import static org.larchmq.wire.FrameType.HELLO;
import static org.larchmq.wire.FrameType.SET_CLIENT_ID;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.larchmq.embedded.faults.ApiCall.Family;
import org.larchmq.embedded.faults.ApiCall.Script;

/** Making, identifying, starting, stopping and closing connections, and what application servers make of them. */
final class ConnectionCalls {
    private static final int MANY_SESSIONS = 20;

    private ConnectionCalls() {}

    static List<ApiCall> all() {
        return List.of(
                ApiCall.of("ConnectionFactory.createConnection", Family.CONNECT, ConnectionCalls::connect)
                        .at(HELLO),
                ApiCall.of("ConnectionFactory.createContext", Family.CONNECT, ConnectionCalls::createContext)
                        .at(HELLO),
                ApiCall.of("XAConnectionFactory.createXAConnection", Family.CONNECT, ConnectionCalls::connectXa)
                        .at(HELLO),
                ApiCall.of("Connection.setClientID", Family.REQUEST, ConnectionCalls::setClientId)
                        .at(SET_CLIENT_ID)
                        .once(),
                ApiCall.of("Connection.createSession", Family.LOCAL, stage -> {
                    Connection connection = stage.connection();
                    return connection::createSession;
                }),
                ApiCall.of("Connection.start", Family.LOCAL, ConnectionCalls::start)
                        .atUnanswered(CREDIT),
                ApiCall.of("Connection.start (idle)", Family.LOCAL, stage -> stage.connection()::start),
                ApiCall.of("Connection.stop", Family.LOCAL, stage -> stage.connection()::stop),
                ApiCall.of("Connection.close", Family.CLOSE, stage -> stage.connection()::close)
                        .at(CLOSE),
                ApiCall.of("Connection.close (idle)", Family.CLOSE, stage -> stage.connection()::close),
                ApiCall.of("Connection.close (20 sessions)", Family.CLOSE, ConnectionCalls::closeWithSessions)
                        .at(CLOSE_CONSUMER),
                ApiCall.of(
                                "Connection.createConnectionConsumer",
                                Family.REQUEST,
                                onConnection((stage, connection) ->
                                        connection.createConnectionConsumer(stage.queue(), null, pool(connection), 1)))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "Connection.createDurableConnectionConsumer",
                                Family.REQUEST,
                                onConnection((stage, connection) -> connection.createDurableConnectionConsumer(
                                        stage.topic(), stage.durable(), null, pool(connection), 1)))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "Connection.createSharedConnectionConsumer",
                                Family.REQUEST,
                                onConnection((stage, connection) -> connection.createSharedConnectionConsumer(
                                        stage.topic(), "shared", null, pool(connection), 1)))
                        .at(CREATE_CONSUMER),
                ApiCall.of(
                                "Connection.createSharedDurableConnectionConsumer",
                                Family.REQUEST,
                                onConnection((stage, connection) -> connection.createSharedDurableConnectionConsumer(
                                        stage.topic(), stage.sharedDurable(), null, pool(connection), 1)))
                        .at(CREATE_CONSUMER),
                ApiCall.of("ServerSession gets a message", Family.RECEIVE, ConnectionCalls::lend)
                        .atUnanswered(DELIVER),
                ApiCall.of("ConnectionConsumer.close", Family.CLOSE, ConnectionCalls::closeConnectionConsumer)
                        .at(CLOSE_CONSUMER));
    }

    private interface Making {
        ConnectionConsumer make(Stage stage, Connection connection) throws Exception;
    }

    private static Script onConnection(Making making) {
        return stage -> {
            Connection connection = stage.connection();
            return () -> making.make(stage, connection);
        };
    }

    /** A pool of one session, which takes messages and does nothing with them. */
    private static ServerSessionPool pool(Connection connection) throws Exception {
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        session.setMessageListener(message -> {});
        return pool(session);
    }

    private static ServerSessionPool pool(Session session) {
        ServerSession server = new ServerSession() {
            @Override
            public Session getSession() {
                return session;
            }

            @Override
            public void start() {
                session.run();
            }
        };
        return () -> server;
    }

    private static ApiCall.Step connect(Stage stage) {
        return () -> stage.closeLater(stage.factory().createConnection());
    }

    private static ApiCall.Step createContext(Stage stage) {
        return () -> stage.closeLater(stage.factory().createContext());
    }

    private static ApiCall.Step connectXa(Stage stage) {
        return () -> stage.closeLater(stage.xaFactory().createXAConnection());
    }

    private static ApiCall.Step setClientId(Stage stage) throws Exception {
        Connection connection = stage.closeLater(stage.anonymousFactory().createConnection());
        return () -> connection.setClientID(stage.clientId());
    }

    private static ApiCall.Step start(Stage stage) throws Exception {
        Connection connection = stage.closeLater(stage.factory().createConnection());
        connection.createSession().createConsumer(stage.queue());
        return connection::start;
    }

    private static ApiCall.Step closeWithSessions(Stage stage) throws Exception {
        Connection connection = stage.connection();
        for (int i = 0; i < MANY_SESSIONS; i++) connection.createSession().createConsumer(stage.queue());
        return connection::close;
    }

    private static ApiCall.Step lend(Stage stage) throws Exception {
        stage.seed("lent");
        Connection connection = stage.connection();
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<String> got = new CompletableFuture<>();
        session.setMessageListener(message -> {
            try {
                stage.received(message);
                got.complete("");
            } catch (Exception e) {
                got.completeExceptionally(e);
            }
        });
        return () -> {
            connection.createConnectionConsumer(stage.queue(), null, pool(session), 1);
            stage.await(got);
        };
    }

    private static ApiCall.Step closeConnectionConsumer(Stage stage) throws Exception {
        Connection connection = stage.connection();
        return connection.createConnectionConsumer(stage.queue(), null, pool(connection), 1)::close;
    }
}
