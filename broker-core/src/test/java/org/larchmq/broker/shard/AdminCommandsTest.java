package org.larchmq.broker.shard;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.settings.Authenticator;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Frames.CreateConsumer;

/** Everything that clients can make can be listed, and removed when nobody uses it. */
class AdminCommandsTest {
    private final SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), new SimulatedClock());
    private final SimulatedClient client = broker.connect("shop");
    private final SimulatedClient operator = broker.connectAs(Authenticator.OPERATOR);

    private Frames.Reply ask(SimulatedClient by, String command) {
        List<Frames.Reply> replies = new ArrayList<>();
        by.administer(command, replies::add);
        broker.run();
        return replies.get(0);
    }

    private Frames.Reply delete(SimulatedClient by, int handle) {
        List<Frames.Reply> replies = new ArrayList<>();
        by.delete(handle, replies::add);
        broker.run();
        return replies.get(0);
    }

    private void send(int handle) {
        client.send(handle, SimulatedClient.message(1, 1, new byte[3], true, 4, 0), code -> {});
        broker.run();
    }

    @Test
    void queuesAreListedWithWhatTheyHold() {
        send(client.queue("orders with spaces"));
        client.consume(7, DestinationKind.QUEUE, "orders with spaces", "a = 1", 0, reply -> {});
        String line = ask(client, "queues").name();
        assertThat(line).contains("\tname=orders with spaces\ttemporary=false\tunsettled=1\tdelayed=0\tconsumers=1\n");
        assertThat(ask(client, "consumers").name())
                .contains("queue=orders with spaces\tclient=shop\tuser=\tconnection=1\theld=0\tselector=a = 1\n");
        assertThat(ask(client, "connections").name().lines()).hasSize(2);
    }

    @Test
    void theSpaceIsCountedOnceForAllWhoAsk() {
        send(client.queue("all orders"));
        List<Frames.Reply> replies = new ArrayList<>();
        client.administer("space", replies::add);
        client.administer("space", replies::add);
        operator.administer("space", replies::add);
        broker.run();
        assertThat(replies)
                .extracting(Frames.Reply::code)
                .containsExactlyInAnyOrder(ErrorCode.ILLEGAL_STATE, ErrorCode.OK, ErrorCode.OK);
        assertThat(ask(client, "space").name())
                .matches("(?s)unsettledBytes=\\d+\nkind=queue\tname=queue 'all orders'\tmessages=1\tbytes=\\d+\n");
    }

    @Test
    void whoLeavesBeforeTheSpaceIsCountedKeepsNobodyFromAnAnswer() {
        send(client.queue("orders"));
        client.administer("space", reply -> {});
        client.disconnect();
        assertThat(ask(operator, "space").code()).isEqualTo(ErrorCode.OK);
    }

    @Test
    void aListThatIsLongComesInPages() {
        for (int i = 0; i < 450; i++) client.queue("q" + i);
        List<String> names = new ArrayList<>();
        String after = "";
        Frames.Reply page;
        do {
            page = ask(client, ("queues " + after).strip());
            List<String> lines = page.name().lines().toList();
            for (String line : lines) names.add(line.split("\t")[1]);
            after = lines.get(lines.size() - 1).split("\t")[0].substring("id=".length());
        } while (page.value() == 1);
        assertThat(names).hasSize(450).doesNotHaveDuplicates();
    }

    @Test
    void subscriptionsOfAllKindsAreListedAndDurableOnesCanBeDeleted() {
        client.subscribe(1, "prices", "eu", CreateConsumer.DURABLE, "a > 3", 0, reply -> {});
        client.subscribe(2, "prices", "", 0, "", 0, reply -> {});
        assertThat(ask(client, "subscriptions").name().lines())
                .hasSize(2)
                .anyMatch(line -> line.contains("topic=prices\tname=eu\tclient=shop\tdurable=true\tshared=false")
                        && line.endsWith("selector=a > 3"));
        assertThat(ask(operator, "subscription delete eu\tshop").code()).isEqualTo(ErrorCode.SUBSCRIPTION_IN_USE);
        client.closeConsumer(1, 0, reply -> {});
        assertThat(ask(client, "subscription delete eu\tshop").code()).isEqualTo(ErrorCode.AUTHORIZATION);
        assertThat(ask(operator, "subscription delete eu\tshop").code()).isEqualTo(ErrorCode.OK);
        assertThat(ask(client, "subscriptions").name().lines()).hasSize(1);
        assertThat(ask(client, "topics").name())
                .contains("name=prices\ttemporary=false")
                .contains("subscriptions=1");
    }

    @Test
    void theMessagesOfAQueueAreListedInTheOrderOfDeliveryAndTakenByNobody() {
        int orders = client.queue("the orders");
        for (int i = 0; i < 250; i++) {
            byte[] message = SimulatedClient.message(1, i, ("text " + i).getBytes(US_ASCII), i % 2 == 0, i % 3, 0);
            client.send(orders, message, code -> {});
        }
        broker.run();
        client.consume(1, DestinationKind.QUEUE, "the orders", "", 10, reply -> {});
        broker.run();
        assertThat(ask(client, "messages begin\tthe orders").code()).isEqualTo(ErrorCode.AUTHORIZATION);

        List<String> lines = new ArrayList<>();
        String from = "begin";
        int pages = 0;
        while (!from.isEmpty()) {
            List<String> page = ask(operator, "messages " + from + "\tthe orders")
                    .name()
                    .lines()
                    .toList();
            from = page.get(0).substring("next=".length());
            lines.addAll(page.subList(1, page.size()));
            assertThat(++pages).isLessThan(10);
        }
        assertThat(lines).hasSize(250).doesNotHaveDuplicates();
        assertThat(lines.get(0)).contains("\tmessage=ID:", "\tpriority=2\t", "\tpersistent=true\t", "text 2");
        assertThat(lines.get(1)).contains("\tpersistent=false\t", "text 5");
        assertThat(lines.get(249)).contains("\tpriority=0\t", "text 249");
        client.credit(1, 1000);
        broker.run();
        assertThat(client.deliveries).hasSize(250).noneMatch(SimulatedClient.Delivery::redelivered);
    }

    @Test
    void aListingOfMessagesGoesOnBehindAnyOfThem() {
        int orders = client.queue("orders");
        for (int i = 0; i < 9; i++) {
            client.send(orders, SimulatedClient.message(1, i, new byte[3], i % 2 == 0, 4, 0), code -> {});
        }
        broker.run();
        List<String> all =
                ask(operator, "messages begin\torders").name().lines().skip(1).toList();
        assertThat(all).hasSize(9);
        for (int i = 0; i < 9; i++) {
            String id = all.get(i).split("\t")[0].substring("id=".length());
            assertThat(ask(operator, "messages " + id + "\torders")
                            .name()
                            .lines()
                            .skip(1))
                    .isEqualTo(all.subList(i + 1, 9));
        }
    }

    @Test
    void aListingOfMessagesThatCannotBeIsRefusedWithTheReason() {
        client.queue("orders");
        assertThat(ask(operator, "messages begin\tordres").text()).isEqualTo("there is no queue 'ordres'");
        for (String id : List.of("x", "4-1", "10-0-0", "4--1-0", "4-1-99999999999999999999")) {
            assertThat(ask(operator, "messages " + id + "\torders").text()).contains("an id of the page before");
        }
        assertThat(ask(operator, "messages 4-999999-999999\torders").name()).isEqualTo("next=\n");
        assertThat(ask(operator, "messages orders").code()).isEqualTo(ErrorCode.UNSUPPORTED);
    }

    @Test
    void theOperatorDeletesAnUnusedQueueWithItsMessages() {
        send(client.queue("misspelt"));
        client.consume(1, DestinationKind.QUEUE, "misspelt", "", 0, reply -> {});
        assertThat(ask(operator, "destination delete queue misspelt").code()).isEqualTo(ErrorCode.DESTINATION_IN_USE);
        client.closeConsumer(1, 0, reply -> {});
        assertThat(ask(client, "destination delete queue misspelt").code()).isEqualTo(ErrorCode.AUTHORIZATION);
        assertThat(ask(operator, "destination delete queue misspelt").code()).isEqualTo(ErrorCode.OK);
        assertThat(ask(operator, "destination delete queue misspelt").code()).isEqualTo(ErrorCode.INVALID_DESTINATION);
        assertThat(ask(client, "queues").name()).isEmpty();
    }

    @Test
    void aClientDeletesAQueueThatIsEmptyAndThatNobodyElseHasOpened() {
        int handle = client.queue("mine");
        send(handle);
        assertThat(delete(client, handle).code()).isEqualTo(ErrorCode.DESTINATION_IN_USE);
        client.consume(1, DestinationKind.QUEUE, "mine", "", 1, reply -> {});
        broker.run();
        client.acknowledge(true, reply -> {}, new long[] {1, 1, 1});
        client.closeConsumer(1, 1, reply -> {});
        broker.run();
        SimulatedClient other = broker.connect();
        other.queue("mine");
        assertThat(delete(client, handle).text()).contains("uses it as well");
        other.disconnect();
        assertThat(delete(client, handle).code()).isEqualTo(ErrorCode.OK);
        List<ErrorCode> sent = new ArrayList<>();
        client.send(handle, SimulatedClient.message(1, 2, new byte[3], true, 4, 0), sent::add);
        broker.run();
        assertThat(sent).containsExactly(ErrorCode.INVALID_DESTINATION);
    }

    @Test
    void aCommandThatThereIsNotNamesThoseThatThereAre() {
        assertThat(ask(operator, "destination drop x").text()).contains("destination delete", "queues");
        assertThat(ask(operator, "queues nonsense").code()).isEqualTo(ErrorCode.ILLEGAL_STATE);
    }
}
