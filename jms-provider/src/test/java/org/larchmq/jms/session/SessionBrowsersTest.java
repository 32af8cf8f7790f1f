package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.wire.FrameType;

/** What an application leaves open at the broker that begins to browse and does not end it. */
@Timeout(60)
class SessionBrowsersTest {
    private static final int BEGUN = SessionBrowsers.MOST + 50;

    private FakeBroker broker;
    private Connection connection;
    private Session session;
    private Queue queue;

    @BeforeEach
    void start() throws Exception {
        broker = new FakeBroker().start();
        connection = LarchConnection.open(LarchUri.parse(broker.uri("")));
        session = connection.createSession();
        queue = session.createQueue("q");
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        broker.close();
    }

    @Test
    void browsersThatAreNeitherReadNorClosedAreBoundedPerSession() throws Exception {
        for (int i = 0; i < BEGUN; i++) session.createBrowser(queue);
        assertThat(stillOpen()).isEqualTo(SessionBrowsers.MOST);
        session.close();
        assertThat(stillOpen()).isZero();
    }

    @Test
    void enumerationsOfOneBrowserAreBoundedAndEndWithIt() throws Exception {
        QueueBrowser browser = session.createBrowser(queue);
        for (int i = 0; i < BEGUN; i++) browser.getEnumeration();
        assertThat(stillOpen()).isEqualTo(SessionBrowsers.MOST);
        browser.close();
        assertThat(stillOpen()).isZero();
    }

    private long stillOpen() {
        return broker.count(FrameType.CREATE_CONSUMER) - broker.count(FrameType.CLOSE_CONSUMER);
    }
}
