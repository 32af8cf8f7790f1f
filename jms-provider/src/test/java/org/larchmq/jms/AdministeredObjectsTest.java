package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Destination;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.naming.NamingException;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import javax.naming.spi.NamingManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchTopic;
import org.larchmq.jms.options.Option;

/** Administered objects as directories, servers and tools keep them (specification 2.5, 4.2, 6.1.1). */
class AdministeredObjectsTest {
    private static final String PASSWORD = "s%c&r=t ünd?";

    private static LarchConnectionFactory factory() {
        LarchConnectionFactory factory = new LarchConnectionFactory("tcp://somewhere:1234?prefetch=7");
        factory.setUser("a user & more");
        factory.setPassword(PASSWORD);
        return factory;
    }

    private static Object serialized(Object object) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return in.readObject();
        }
    }

    private static Object ofReference(Reference reference) throws Exception {
        return NamingManager.getObjectInstance(reference, null, null, null);
    }

    private static Reference reference(String type, String... pairs) {
        Reference reference = new Reference(type, LarchObjectFactory.class.getName(), null);
        for (int i = 0; i < pairs.length; i += 2) reference.add(new StringRefAddr(pairs[i], pairs[i + 1]));
        return reference;
    }

    private static Stream<Destination> destinations() {
        return Stream.of(new LarchQueue("prod.orders/a b"), new LarchTopic("news"));
    }

    @Test
    void aFactoryIsTheSameAfterSerialization() throws Exception {
        LarchConnectionFactory copy = (LarchConnectionFactory) serialized(factory());

        assertThat(copy.getUri()).isEqualTo(factory().getUri());
        assertThat(copy.getUser()).isEqualTo("a user & more");
        assertThat(password(copy)).isEqualTo(PASSWORD);
        copy.setPrefetch(8);
        assertThat(copy.getPrefetch()).isEqualTo(8);
    }

    @Test
    void aFactoryIsTheSameThroughItsReference() throws Exception {
        LarchConnectionFactory copy =
                (LarchConnectionFactory) ofReference(factory().getReference());

        assertThat(copy.getUri()).isEqualTo(factory().getUri());
        assertThat(password(copy)).isEqualTo(PASSWORD);
    }

    private static String password(LarchConnectionFactory factory) {
        return (String) factory.getReference().get("password").getContent();
    }

    @Test
    void thePasswordIsInNoTextThatIsShown() {
        assertThat(factory().toString()).doesNotContain(PASSWORD).doesNotContain("s%25c");
        assertThat(factory().getUri()).doesNotContain("password");
        assertThat((String) factory().getReference().get("uri").getContent()).doesNotContain("password");
    }

    @Test
    void theUriCanBeReadAgainWhateverIsInItsValues() {
        LarchConnectionFactory copy = new LarchConnectionFactory(factory().getUri());

        assertThat(copy.getUser()).isEqualTo("a user & more");
        assertThat(copy.getPrefetch()).isEqualTo(7);
    }

    @ParameterizedTest
    @MethodSource("destinations")
    void destinationsAreEqualAfterSerializationAndThroughTheirReference(Destination destination) throws Exception {
        assertThat(serialized(destination)).isEqualTo(destination);
        assertThat(ofReference(((Referenceable) destination).getReference())).isEqualTo(destination);
    }

    @Test
    void aServersConfigurationNamesTypeAndAddresses() throws Exception {
        LarchConnectionFactory factory = (LarchConnectionFactory) ofReference(reference(
                "jakarta.jms.QueueConnectionFactory",
                "uri",
                "tcp://h:1",
                "user",
                "me",
                "sendTimeout",
                "5s",
                "scope",
                "x"));
        assertThat(factory.getUri()).startsWith("tcp://h:1");
        assertThat(factory.getUser()).isEqualTo("me");
        assertThat(factory.getSendTimeout()).isEqualTo(5000);

        assertThat(ofReference(reference("jakarta.jms.Queue", "physicalName", "q")))
                .isEqualTo(new LarchQueue("q"));
        assertThat(ofReference(reference("jakarta.jms.Topic", "address", "t"))).isEqualTo(new LarchTopic("t"));
    }

    @Test
    void aBrokenReferenceSaysWhatIsWrongAndWhere() {
        String factory = LarchConnectionFactory.class.getName();
        assertThatThrownBy(() -> ofReference(reference(factory, "uri", "tcp://h:1?prefetsh=1")))
                .isInstanceOf(NamingException.class)
                .hasMessageContaining("'uri'")
                .hasMessageContaining("'prefetch'");
        assertThatThrownBy(() -> ofReference(reference(factory, "prefetch", "many")))
                .isInstanceOf(NamingException.class)
                .hasMessageContaining("'prefetch'")
                .hasMessageContaining("many");
        assertThatThrownBy(() -> ofReference(reference("jakarta.jms.Queue", "name", "q")))
                .isInstanceOf(NamingException.class)
                .hasMessageContaining("'physicalName' is missing")
                .hasMessageContaining("[name]");
        assertThatThrownBy(() -> ofReference(reference("jakarta.jms.Queue", "physicalName", "")))
                .isInstanceOf(NamingException.class)
                .hasMessageContaining("'physicalName'");
    }

    @Test
    void aReferenceToSomethingElseIsLeftToOthers() throws Exception {
        LarchObjectFactory objects = new LarchObjectFactory();

        assertThat(objects.getObjectInstance(reference("javax.sql.DataSource"), null, null, null))
                .isNull();
        assertThat(objects.getObjectInstance("text", null, null, null)).isNull();
    }

    @ParameterizedTest
    @EnumSource(Option.class)
    void everyOptionIsABeanProperty(Option option) throws Exception {
        Map<String, PropertyDescriptor> properties = Arrays.stream(
                        Introspector.getBeanInfo(LarchConnectionFactory.class).getPropertyDescriptors())
                .collect(Collectors.toMap(PropertyDescriptor::getName, property -> property));

        PropertyDescriptor property = properties.get(option.key());
        assertThat(property).as("bean property of " + option).isNotNull();
        assertThat(property.getWriteMethod()).isNotNull();
        if (option == Option.PASSWORD) assertThat(property.getReadMethod()).isNull();
        else assertThat(property.getReadMethod()).isNotNull();
    }
}
