package org.larchmq.store;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What the store says to the operator while this is open. */
public final class Warnings implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger("org.larchmq.store");
    private final ListAppender<ILoggingEvent> seen = new ListAppender<>();

    public Warnings() {
        seen.start();
        logger.addAppender(seen);
    }

    public List<String> all() {
        return seen.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Override
    public void close() {
        logger.detachAppender(seen);
    }
}
