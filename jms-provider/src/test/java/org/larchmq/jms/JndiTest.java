package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Queue;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnectionFactory;
import java.util.Collections;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.OperationNotSupportedException;
import org.junit.jupiter.api.Test;

class JndiTest {
    private static Context context(String... pairs) throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "org.larchmq.jms.LarchInitialContextFactory");
        for (int i = 0; i < pairs.length; i += 2) environment.put(pairs[i], pairs[i + 1]);
        return new InitialContext(environment);
    }

    @Test
    void theProviderUrlGivesTheDefaultFactories() throws NamingException {
        Context context = context(Context.PROVIDER_URL, "tcp://there:1234?prefetch=5");

        LarchConnectionFactory factory = (LarchConnectionFactory) context.lookup("ConnectionFactory");
        assertThat(factory.getUri()).startsWith("tcp://there:1234");
        assertThat(factory.getPrefetch()).isEqualTo(5);
        assertThat(context.lookup("QueueConnectionFactory")).isInstanceOf(QueueConnectionFactory.class);
        assertThat(context.lookup("TopicConnectionFactory")).isInstanceOf(TopicConnectionFactory.class);
    }

    @Test
    void withoutAProviderUrlItIsTheBrokerOnThisMachine() throws NamingException {
        LarchConnectionFactory factory = (LarchConnectionFactory) context().lookup("ConnectionFactory");

        assertThat(factory.getUri()).isEqualTo("tcp://localhost:5680");
    }

    @Test
    void factoriesQueuesAndTopicsAreBoundByTheEnvironment() throws Exception {
        Context context = context(
                "connectionFactory.jms/mine", "tcp://a:1?user=u&clientId=c",
                "queue.jms/orders", "prod.orders",
                "topic.news", "prod.news");

        LarchConnectionFactory factory = (LarchConnectionFactory) context.lookup("jms/mine");
        assertThat(factory.getClientId()).isEqualTo("c");
        assertThat(((Queue) context.lookup("jms/orders")).getQueueName()).isEqualTo("prod.orders");
        assertThat(((Topic) context.lookup("news")).getTopicName()).isEqualTo("prod.news");
    }

    @Test
    void dynamicNamesNeedNoBinding() throws Exception {
        assertThat(((Queue) context().lookup("dynamicQueues/a/b")).getQueueName())
                .isEqualTo("a/b");
        assertThat(((Topic) context().lookup("dynamicTopics/t")).getTopicName()).isEqualTo("t");
    }

    @Test
    void anUnknownNameListsWhatIsBound() {
        assertThatThrownBy(() -> context("queue.orders", "o").lookup("ordres"))
                .isInstanceOf(NameNotFoundException.class)
                .hasMessageContaining("'ordres'")
                .hasMessageContaining("orders")
                .hasMessageContaining("ConnectionFactory")
                .hasMessageContaining("dynamicQueues/");
    }

    @Test
    void aBrokenEntryNamesItsProperty() {
        assertThatThrownBy(() -> context("connectionFactory.x", "tcp://h?prefetsh=1"))
                .isInstanceOf(NamingException.class)
                .hasMessageContaining("connectionFactory.x")
                .hasMessageContaining("'prefetch'");
        assertThatThrownBy(() -> context("queue.x", " ")).hasMessageContaining("queue.x");
        assertThatThrownBy(() -> context("queue.", "q")).hasMessageContaining("queue.");
        assertThatThrownBy(() -> context("queue.x", "q", "topic.x", "t")).hasMessageContaining("bound twice");
        assertThatThrownBy(() -> context(Context.PROVIDER_URL, "localhost:1")).hasMessageContaining("provider.url");
        assertThatThrownBy(() -> context().lookup("dynamicQueues/")).hasMessageContaining("dynamicQueues/");
    }

    @Test
    void theContextIsReadOnlyAndCanBeListed() throws NamingException {
        Context context = context("queue.orders", "o");

        assertThatThrownBy(() -> context.bind("x", "y")).isInstanceOf(OperationNotSupportedException.class);
        assertThat(Collections.list(context.list("")))
                .extracting(NameClassPair::getName)
                .containsExactly("ConnectionFactory", "QueueConnectionFactory", "TopicConnectionFactory", "orders");
    }

    @Test
    void beanPropertiesAndUriAreTheSameOptions() {
        LarchConnectionFactory factory = new LarchConnectionFactory("tcp://h:1?prefetch=3");
        factory.setSendTimeout(1234);
        factory.setUser("me");

        assertThat(factory.getPrefetch()).isEqualTo(3);
        assertThat(factory.getUri()).contains("sendTimeout=1234").contains("user=me");
        assertThatThrownBy(() -> factory.setPrefetch(-1)).hasMessageContaining("'prefetch'");
    }
}
