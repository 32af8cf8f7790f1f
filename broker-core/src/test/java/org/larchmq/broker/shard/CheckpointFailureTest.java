package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.DiskWrapper;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.slf4j.LoggerFactory;

class CheckpointFailureTest {
    private final SimulatedClock clock = new SimulatedClock();
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private final SimulatedClient client = broker.connect();
    private final List<ErrorCode> receipts = new ArrayList<>();

    /** Confirmed, and long enough ago that nothing of the log is left to write; a checkpoint is not due yet. */
    private void send(long sequence) {
        byte[] message = SimulatedClient.message(7, sequence, new byte[100], true, 4, 0);
        client.send(client.queue("orders"), message, receipts::add);
        broker.run();
        broker.advance(250);
    }

    /** The kernel forgets what it could not write, so that a second flush would confirm what is not there. */
    @Test
    void aCheckpointThatCannotBeFlushedStopsTheBroker() {
        send(1);
        disk.failForceAt(2); // the first is the log's, whose end was marked meanwhile
        assertThatThrownBy(() -> {
                    broker.advance(60_000);
                    broker.run();
                })
                .hasMessageContaining("FLUSH_FAILED")
                .hasMessageContaining("/catalog/");
    }

    /** What such a disk holds is not known. */
    @Test
    void aCheckpointThatMeetsABrokenDiskStopsTheBroker() {
        send(1);
        disk.failWriteAt(1);
        assertThatThrownBy(() -> {
                    broker.advance(60_000);
                    broker.run();
                })
                .hasMessageContaining("IO_ERROR");
    }

    @Test
    void anErrorOfTheThreadThatWritesCheckpointsStopsTheBroker() {
        boolean[] armed = new boolean[1];
        DiskWrapper failing = new DiskWrapper(new SimulatedDisk(2), file -> new DiskWrapper.File(file) {
            @Override
            public void write(ByteBuffer source, long position) {
                if (armed[0] && path().contains("catalog")) throw new LinkageError("planted");
                super.write(source, position);
            }
        });
        SimulatedBroker other = SimulatedBroker.on(failing, clock);
        SimulatedClient sender = other.connect();
        sender.send(sender.queue("orders"), SimulatedClient.message(7, 1, new byte[9], true, 4, 0), receipts::add);
        other.run();
        armed[0] = true;
        assertThatThrownBy(() -> other.advance(60_000)).hasMessageContaining("planted");
        assertThat(other.shard.isDown()).isTrue();
    }

    private void sendAndWait(long sequence) {
        send(sequence);
        broker.advance(60_000);
    }

    /** A disk that is full for a day must not fill the log of the broker with the same line. */
    @Test
    void whatCannotBeWrittenIsSaidOnceAndThatItCanBeAgainToo() {
        Logger logger = (Logger) LoggerFactory.getLogger(Checkpointer.class);
        ListAppender<ILoggingEvent> seen = new ListAppender<>();
        seen.start();
        logger.addAppender(seen);
        Level before = logger.getLevel();
        logger.setLevel(Level.INFO);
        try {
            disk.noFilesLeft(true);
            for (int i = 0; i < 20; i++) sendAndWait(i);
            disk.noFilesLeft(false);
            for (int i = 20; i < 23; i++) sendAndWait(i);
        } finally {
            logger.setLevel(before);
            logger.detachAppender(seen);
        }
        assertThat(seen.list).hasSize(2);
        assertThat(seen.list.get(0).getLevel()).isEqualTo(Level.WARN);
        assertThat(seen.list.get(0).getFormattedMessage()).contains("TOO_MANY_OPEN_FILES");
        assertThat(seen.list.get(1).getFormattedMessage()).contains("Checkpoints are written again");
    }

    @Test
    void aCheckpointThatCanOpenNoFileIsTriedAgain() {
        send(1);
        disk.noFilesLeft(true);
        broker.advance(60_000);
        broker.run();
        assertThat(disk.list("catalog")).isEmpty();
        disk.noFilesLeft(false);
        send(2);
        broker.advance(60_000);
        broker.run();
        assertThat(receipts).containsExactly(ErrorCode.OK, ErrorCode.OK);
        assertThat(disk.list("catalog")).contains("anchor");
    }
}
