package org.larchmq.tck.conformance;

import jakarta.jms.CompletionListener;
import jakarta.jms.Message;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Remembers what a CompletionListener was told, in order. */
public final class CompletionRecord implements CompletionListener {
    private final BlockingQueue<Completion> completions = new LinkedBlockingQueue<>();

    /** @param exception null when the message was sent */
    public record Completion(Message message, Exception exception, Thread thread) {}

    @Override
    public void onCompletion(Message message) {
        completions.add(new Completion(message, null, Thread.currentThread()));
    }

    @Override
    public void onException(Message message, Exception exception) {
        completions.add(new Completion(message, exception, Thread.currentThread()));
    }

    /** The next one, waited for. */
    public Completion next() throws InterruptedException {
        Completion next = completions.poll(AgainstBroker.SOON, TimeUnit.MILLISECONDS);
        if (next == null) throw new AssertionError("the listener was not called");
        return next;
    }

    /** How many have come and were not taken. */
    public int waiting() {
        return completions.size();
    }
}
