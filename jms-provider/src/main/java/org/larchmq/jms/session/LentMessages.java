package org.larchmq.jms.session;

import jakarta.jms.MessageListener;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.larchmq.jms.net.DeliveryBatch.Delivered;
import org.larchmq.jms.net.Transport;

/**
 * What connection consumers have lent to a session for its {@code run()}: one inbox per consumer, which has the consumer's
 * number at the broker, so that acknowledgements and returns go there, but neither its credit nor its end.
 */
final class LentMessages {
    private final SessionInbox inbox;
    private final Map<Integer, ConsumerInbox> byConsumer = new HashMap<>();
    private volatile MessageListener listener;

    LentMessages(SessionInbox inbox) {
        this.inbox = inbox;
    }

    MessageListener listener() {
        return listener;
    }

    /** Of what is lent from now on and of what waits. */
    void setListener(MessageListener changed) {
        inbox.lock.lock();
        try {
            listener = changed;
            for (ConsumerInbox lent : byConsumer.values()) inbox.setListener(lent, changed);
        } finally {
            inbox.lock.unlock();
        }
    }

    /** The inbox for messages of a consumer; null when it has lent none. */
    ConsumerInbox of(ConsumerInbox origin) {
        inbox.lock.lock();
        try {
            return byConsumer.get(origin.id());
        } finally {
            inbox.lock.unlock();
        }
    }

    /**
     * Any thread. Nothing is added when the transport was lost: the messages come again.
     *
     * @return false when the session is closed
     */
    boolean add(ConsumerInbox origin, List<Delivered> messages, Transport cameOver) {
        inbox.lock.lock();
        try {
            if (inbox.isClosed()) return false;
            if (!inbox.isAttachedTo(cameOver)) return true;
            ConsumerInbox lent = byConsumer.computeIfAbsent(origin.id(), id -> origin.lentTo(inbox));
            if (!inbox.consumers().contains(lent)) inbox.consumers().add(lent);
            for (Delivered message : messages) lent.addLent(message);
            inbox.setListener(lent, listener);
            return true;
        } finally {
            inbox.lock.unlock();
        }
    }
}
