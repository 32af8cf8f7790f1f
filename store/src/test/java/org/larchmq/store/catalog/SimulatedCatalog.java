package org.larchmq.store.catalog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * A catalog with what was measured of H2: one write is whole or absent after a power loss and durable on return. Two
 * files in turn, each with a number and a checksum; fast enough for tens of thousands of crashes.
 */
public final class SimulatedCatalog implements Catalog {
    private static final int MAGIC = 0x53494D43;

    private final Disk disk;
    private final String directory;
    private Map<CatalogKey, byte[]> records = new HashMap<>();
    private long number;

    public SimulatedCatalog(Disk disk, String directory) {
        this.disk = disk;
        this.directory = directory;
    }

    @Override
    public Optional<CatalogContents> load() {
        ByteBuffer best = null;
        boolean exists = false;
        for (int i = 0; i < 2; i++) {
            if (!disk.exists(path(i))) continue;
            ByteBuffer candidate = read(path(i));
            if (candidate == null) continue;
            exists = true;
            if (best == null || candidate.getLong(8) > best.getLong(8)) best = candidate;
        }
        if (!exists) {
            boolean lost = disk.exists(path(0)) && disk.exists(path(1));
            if (lost) {
                throw new StoreException(
                        StoreError.DAMAGED_CATALOG, disk.describe(path(0)), StoreException.NO_OFFSET, "", null);
            }
            return Optional.empty();
        }
        return Optional.of(decode(best));
    }

    @Override
    public void write(CatalogUpdate update) {
        Map<CatalogKey, byte[]> next = update.replaceAll() ? new HashMap<>() : new HashMap<>(records);
        next.keySet().removeAll(update.deletes());
        next.putAll(update.puts());
        number++;
        ByteBuffer bytes = encode(update.physicalOffset(), next);
        try (DiskFile file = disk.open(path((int) (number % 2)), true)) {
            file.truncate(bytes.remaining());
            file.write(bytes, 0);
            file.force(true);
        }
        disk.syncDirectory(directory);
        records = next;
    }

    @Override
    public void discard() {
        disk.delete(path(0));
        disk.delete(path(1));
        disk.syncDirectory(directory);
        records = new HashMap<>();
        number = 0;
    }

    @Override
    public void close() {
        // nothing is open
    }

    private String path(int which) {
        return directory + "/simulated-" + which;
    }

    private ByteBuffer read(String path) {
        try (DiskFile file = disk.open(path, false)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            bytes.flip();
            boolean valid = bytes.remaining() >= 28
                    && bytes.getInt(0) == MAGIC
                    && bytes.getInt(4) == RecordSums.of(new CatalogKey("sum", 0), tail(bytes));
            return valid ? bytes : null;
        }
    }

    private ByteBuffer encode(long physicalOffset, Map<CatalogKey, byte[]> all) {
        int size = 28;
        for (var entry : all.entrySet()) size += 2 + entry.getKey().section().length() + 12 + entry.getValue().length;
        ByteBuffer bytes = ByteBuffer.allocate(size);
        bytes.putInt(MAGIC).putInt(0).putLong(number).putLong(physicalOffset).putInt(all.size());
        all.forEach((key, data) -> {
            byte[] section = key.section().getBytes(StandardCharsets.US_ASCII);
            bytes.putShort((short) section.length)
                    .put(section)
                    .putLong(key.id())
                    .putInt(data.length)
                    .put(data);
        });
        bytes.putInt(4, RecordSums.of(new CatalogKey("sum", 0), tail(bytes.flip())));
        return bytes;
    }

    private CatalogContents decode(ByteBuffer bytes) {
        number = bytes.getLong(8);
        long physicalOffset = bytes.getLong(16);
        int count = bytes.getInt(24);
        bytes.position(28);
        records = new HashMap<>();
        for (int i = 0; i < count; i++) {
            byte[] section = new byte[bytes.getShort()];
            bytes.get(section);
            long id = bytes.getLong();
            byte[] data = new byte[bytes.getInt()];
            bytes.get(data);
            records.put(new CatalogKey(new String(section, StandardCharsets.US_ASCII), id), data);
        }
        return new CatalogContents(physicalOffset, records);
    }

    private static byte[] tail(ByteBuffer bytes) {
        byte[] tail = new byte[bytes.limit() - 8];
        bytes.get(8, tail);
        return tail;
    }
}
