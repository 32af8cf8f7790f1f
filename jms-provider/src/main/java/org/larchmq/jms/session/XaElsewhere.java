package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.transaction.xa.XAException;
import org.larchmq.jms.net.Transport;
import org.larchmq.jms.options.ClientOptions;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.jms.options.Option;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.Frames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks brokers of a connection's URI over connections made for one request: the broker whose connection is lost, or, when it
 * does not know a branch, the others that the URI names. An answer counts from the store that the branch belongs to only; as
 * long as one of the brokers cannot be asked, nobody may say that a branch is unknown. Safe from any thread.
 */
final class XaElsewhere {
    private static final Logger LOG = LoggerFactory.getLogger(XaElsewhere.class);

    private final LarchUri uri;

    XaElsewhere(LarchUri uri) {
        ClientOptions options = uri.options().with(Option.CLIENT_ID, "");
        this.uri = uri.withOptions(options);
    }

    /** Asks over one transport. */
    interface Question {
        Frames.Reply ask(Transport transport) throws JMSException;
    }

    /** Whether the URI names more brokers than one. */
    boolean hasOthers() {
        return uri.brokers().size() > 1;
    }

    /**
     * Asks the broker that has this store.
     *
     * @throws XAException XAER_RMFAIL when none of the URI can be reached that has it
     */
    Frames.Reply askStore(UUID storeId, Question question) throws XAException {
        Exception why = null;
        for (LarchUri.Address broker : uri.brokers()) {
            try (LarchConnection connection = open(broker)) {
                Transport transport = connection.transport();
                if (transport.welcome().storeId().equals(storeId)) return question.ask(transport);
                if (why == null) why = new JMSException("the broker at " + broker + " has another store");
            } catch (JMSException e) {
                why = e;
            }
        }
        throw XaErrors.of(
                XAException.XAER_RMFAIL,
                "the broker that the branch belongs to cannot be asked: " + why.getMessage(),
                why);
    }

    /**
     * Asks the brokers that have other stores than this one, until one knows the branch.
     *
     * @param unknown the answer of this one
     * @return an answer of a broker that knows it, or XA_UNKNOWN when all have said so
     * @throws XAException XAER_RMFAIL when one of them cannot be asked
     */
    Frames.Reply askOthers(UUID storeId, Frames.Reply unknown, Question question) throws XAException {
        JMSException unreachable = null;
        for (LarchUri.Address broker : uri.brokers()) {
            try (LarchConnection connection = open(broker)) {
                Transport transport = connection.transport();
                if (transport.welcome().storeId().equals(storeId)) continue;
                Frames.Reply reply = question.ask(transport);
                if (reply.code() != ErrorCode.XA_UNKNOWN) return reply;
            } catch (JMSException e) {
                unreachable = e;
            }
        }
        if (unreachable == null) return unknown;
        throw XaErrors.of(
                XAException.XAER_RMFAIL,
                "the broker does not know the branch, and another one of the URI, which may, cannot be asked: "
                        + unreachable.getMessage(),
                unreachable);
    }

    /** Asks each broker that has another store than this one and can be reached. */
    List<Frames.Reply> askEachOther(UUID storeId, Question question) {
        List<Frames.Reply> replies = new ArrayList<>();
        for (LarchUri.Address broker : uri.brokers()) {
            try (LarchConnection connection = open(broker)) {
                Transport transport = connection.transport();
                if (!transport.welcome().storeId().equals(storeId)) replies.add(question.ask(transport));
            } catch (JMSException e) {
                // the transaction manager scans again, and finds what is there when it can be reached
                LOG.warn("The broker at {} cannot be asked which branches it has prepared: {}", broker, e.getMessage());
            }
        }
        return replies;
    }

    private LarchConnection open(LarchUri.Address broker) throws JMSException {
        return LarchConnection.open(new LarchUri(broker.host(), broker.port(), uri.options()));
    }
}
