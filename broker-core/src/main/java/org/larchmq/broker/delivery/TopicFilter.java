package org.larchmq.broker.delivery;

import java.nio.ByteBuffer;
import org.larchmq.broker.selector.Selector;
import org.larchmq.broker.selector.SelectorSyntaxException;
import org.larchmq.broker.selector.Selectors;
import org.larchmq.broker.state.SubscriptionTerms;
import org.larchmq.message.ProtocolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which of a topic's messages a subscription wants, whoever reads it. Shard thread only. */
final class TopicFilter {
    private static final Logger LOG = LoggerFactory.getLogger(TopicFilter.class);

    private final Selector selector;
    private final String unwantedPublisher;

    private TopicFilter(Selector selector, String unwantedPublisher) {
        this.selector = selector;
        this.unwantedPublisher = unwantedPublisher;
    }

    /** Null when everything is wanted. */
    static TopicFilter of(SubscriptionTerms terms, Selectors selectors) {
        Selector selector = terms.selector().isEmpty() ? null : parse(terms, selectors);
        String unwanted = terms.noLocal() ? terms.owner() : null;
        return selector == null && unwanted == null ? null : new TopicFilter(selector, unwanted);
    }

    /** It was parsed before it was stored, so this fails only after a change of the grammar: then nothing is held back. */
    private static Selector parse(SubscriptionTerms terms, Selectors selectors) {
        try {
            return selectors.parse(terms.selector());
        } catch (SelectorSyntaxException e) {
            LOG.error(
                    "The selector of subscription '{}' of client '{}' is not understood any more; it gets every message"
                            + " of its topic until it is subscribed anew: {}",
                    terms.name(),
                    terms.owner(),
                    e.getMessage());
            return null;
        }
    }

    /** Whether the publisher of a message matters. */
    boolean asksForPublisher() {
        return unwantedPublisher != null;
    }

    /** A message whose properties are malformed matches no selector. */
    boolean wants(ByteBuffer buffer, int at, int deliveryCount, String publisher) {
        if (unwantedPublisher != null && unwantedPublisher.equals(publisher)) return false;
        if (selector == null) return true;
        try {
            return selector.matches(buffer, at, deliveryCount);
        } catch (ProtocolException e) {
            return false;
        }
    }
}
