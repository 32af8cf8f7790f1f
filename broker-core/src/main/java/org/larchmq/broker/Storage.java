package org.larchmq.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.MemoryDisk;
import org.larchmq.store.io.NioDisk;

/** Where a broker keeps its data. */
sealed interface Storage {
    Disk openDisk() throws BrokerStartException;

    record OnDisk(Path directory) implements Storage {
        @Override
        public Disk openDisk() throws BrokerStartException {
            try {
                Files.createDirectories(directory);
            } catch (IOException e) {
                throw new BrokerStartException(
                        "the data directory " + directory + " cannot be created: " + e.getMessage(), e);
            }
            return new NioDisk(directory);
        }
    }

    /** In the heap, and gone with the broker. */
    record InMemory(long capacityBytes) implements Storage {
        @Override
        public Disk openDisk() {
            return new MemoryDisk(capacityBytes);
        }
    }
}
