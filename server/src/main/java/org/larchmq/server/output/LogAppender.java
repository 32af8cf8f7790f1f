package org.larchmq.server.output;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import org.slf4j.LoggerFactory;

/**
 * The log on standard error. Whoever logs never waits for who reads it: a pipe that nobody reads costs lines of the log,
 * and neither the broker nor its stop.
 */
public final class LogAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final long MOST_BYTES = 4 << 20;
    private static final long LONGEST_FLUSH_MILLIS = 2_000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

    /** Writes to the file descriptor itself: System.err has a lock that a full pipe would keep from everybody else. */
    private final BoundedOutput output = new BoundedOutput(
            "larchmq-log", new FileOutputStream(FileDescriptor.err)::write, MOST_BYTES, LogAppender::lossNotice);

    private Encoder<ILoggingEvent> encoder;

    /** Called by logback, for the element of its configuration. */
    public void setEncoder(Encoder<ILoggingEvent> encoder) {
        this.encoder = encoder;
    }

    @Override
    public void start() {
        if (encoder == null) addError("The appender " + getName() + " needs an encoder");
        else super.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        output.write(encoder.encode(event));
    }

    /** Waits a moment for what has been logged to be written. */
    @Override
    public void stop() {
        super.stop();
        try {
            output.flush(LONGEST_FLUSH_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the log of this process: waits for what has been logged, at most two seconds. */
    public static void closeLog() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) context.stop();
    }

    private static byte[] lossNotice(long lines) {
        String text = TIME.format(LocalDateTime.now()) + " WARN  LogAppender [larchmq-log] " + lines
                + (lines == 1 ? " line" : " lines")
                + " of the log were lost here, since nobody read standard error in time. Remedy: read it, or send it to"
                + " a file\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
