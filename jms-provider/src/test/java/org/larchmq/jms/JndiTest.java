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
    void theNamesOfActiveMqAreUnderstood() throws Exception {
        Context context = context(
                "brokerURL", "tcp://there:1234",
                "userName", "me",
                "password", "secret",
                "connectionFactoryNames", "first, second",
                "connection.second.brokerURL", "tcp://other:99",
                "connection.second.userName", "you",
                "connection.second.clientID", "c",
                "connection.second.prefetch", "5",
                "queue.MyQueue", "example.MyQueue");

        LarchConnectionFactory first = (LarchConnectionFactory) context.lookup("first");
        assertThat(first.getUri()).startsWith("tcp://there:1234");
        assertThat(first.getUser()).isEqualTo("me");
        LarchConnectionFactory second = (LarchConnectionFactory) context.lookup("second");
        assertThat(second.getUri()).startsWith("tcp://other:99");
        assertThat(second.getUser()).isEqualTo("you");
        assertThat(second.getClientId()).isEqualTo("c");
        assertThat(second.getPrefetch()).isEqualTo(5);
        assertThat(((LarchConnectionFactory) context.lookup("ConnectionFactory")).getUri())
                .startsWith("tcp://there:1234");
        assertThat(((Queue) context.lookup("MyQueue")).getQueueName()).isEqualTo("example.MyQueue");
    }

    @Test
    void theTypeInAnArtemisUriIsUnderstood() throws Exception {
        Context context = context(
                "connectionFactory.a", "tcp://h:1?type=QUEUE_CF",
                "connectionFactory.b", "tcp://h:1?type=CF&prefetch=5",
                "connectionFactory.c", "tcp://h:1?prefetch=6&type=TOPIC_CF",
                "connectionFactory.d", "tcp://h:1?type=XA_CF&prefetch=7");

        assertThat(((LarchConnectionFactory) context.lookup("a")).getUri()).isEqualTo("tcp://h:1");
        assertThat(((LarchConnectionFactory) context.lookup("b")).getPrefetch()).isEqualTo(5);
        assertThat(((LarchConnectionFactory) context.lookup("c")).getPrefetch()).isEqualTo(6);
        assertThat(context.lookup("d"))
                .isInstanceOfSatisfying(
                        LarchXAConnectionFactory.class,
                        factory -> assertThat(factory.getPrefetch()).isEqualTo(7));
        assertThatThrownBy(() -> context("connectionFactory.x", "tcp://h:1?type=Q_CF"))
                .isInstanceOf(NamingException.class)
                .hasMessageContaining("connectionFactory.x")
                .hasMessageContaining("character 16")
                .hasMessageContaining("QUEUE_CF");
        assertThatThrownBy(() -> context("connectionFactory.x", "tcp://u:geheim@h:1?password=geheim&type=Q_CF"))
                .hasMessageContaining("QUEUE_CF")
                .hasMessageNotContaining("geheim");
    }

    @Test
    void theSecurityPrincipalIsTheUserOfFactoriesThatNameNone() throws Exception {
        Context context = context(
                Context.SECURITY_PRINCIPAL,
                "me",
                Context.SECURITY_CREDENTIALS,
                "secret",
                "connectionFactory.own",
                "tcp://h:1?user=you");

        LarchConnectionFactory standard = (LarchConnectionFactory) context.lookup("ConnectionFactory");
        assertThat(standard.getUser()).isEqualTo("me");
        assertThat(standard.getReference().get("password").getContent()).isEqualTo("secret");
        LarchConnectionFactory own = (LarchConnectionFactory) context.lookup("own");
        assertThat(own.getUser()).isEqualTo("you");
        assertThat(own.getReference().get("password")).isNull();
    }

    @Test
    void aPropertyOfAFactoryThatIsNotNamedIsAnError() {
        assertThatThrownBy(() -> context("connectionFactoryNames", "first", "connection.frist.brokerURL", "tcp://h:1"))
                .isInstanceOf(NamingException.class)
                .hasMessageContaining("connection.frist.brokerURL")
                .hasMessageContaining("'first'");
        assertThatThrownBy(() -> context("connectionFactoryNames", "first", "connection.first.prefetsh", "1"))
                .hasMessageContaining("connection.first.prefetsh")
                .hasMessageContaining("'prefetch'");
    }

    @Test
    void theContextIsReadOnlyAndCanBeListed() throws NamingException {
        Context context = context("queue.orders", "o");

        assertThatThrownBy(() -> context.bind("x", "y")).isInstanceOf(OperationNotSupportedException.class);
        assertThat(Collections.list(context.list("")))
                .extracting(NameClassPair::getName)
                .containsExactly(
                        "ConnectionFactory",
                        "QueueConnectionFactory",
                        "TopicConnectionFactory",
                        "XAConnectionFactory",
                        "orders");
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
