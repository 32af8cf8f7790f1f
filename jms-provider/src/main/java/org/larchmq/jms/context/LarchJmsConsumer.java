package org.larchmq.jms.context;

import jakarta.jms.JMSConsumer;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.error.Unchecked;
import org.larchmq.jms.session.LarchConsumer;

/** A consumer of the simplified API. */
final class LarchJmsConsumer implements JMSConsumer {
    private final LarchConsumer consumer;

    LarchJmsConsumer(LarchConsumer consumer) {
        this.consumer = consumer;
    }

    @Override
    public String getMessageSelector() {
        return Unchecked.get(consumer::getMessageSelector);
    }

    @Override
    public MessageListener getMessageListener() {
        return Unchecked.get(consumer::getMessageListener);
    }

    @Override
    public void setMessageListener(MessageListener listener) {
        Unchecked.run(() -> consumer.setMessageListener(listener));
    }

    @Override
    public Message receive() {
        return Unchecked.get(() -> consumer.receive());
    }

    @Override
    public Message receive(long timeoutMillis) {
        return Unchecked.get(() -> consumer.receive(timeoutMillis));
    }

    @Override
    public Message receiveNoWait() {
        return Unchecked.get(consumer::receiveNoWait);
    }

    @Override
    public void close() {
        Unchecked.run(consumer::close);
    }

    @Override
    public <T> T receiveBody(Class<T> type) {
        return Unchecked.get(() -> consumer.receiveBody(type, LarchConsumer.FOR_EVER));
    }

    @Override
    public <T> T receiveBody(Class<T> type, long timeoutMillis) {
        return Unchecked.get(() -> {
            if (timeoutMillis < 0) throw JmsErrors.illegalArgument("a timeout of " + timeoutMillis + " ms");
            return consumer.receiveBody(type, timeoutMillis);
        });
    }

    @Override
    public <T> T receiveBodyNoWait(Class<T> type) {
        return Unchecked.get(() -> consumer.receiveBody(type, LarchConsumer.NO_WAIT));
    }
}
