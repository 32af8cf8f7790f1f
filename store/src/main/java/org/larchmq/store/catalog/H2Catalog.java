package org.larchmq.store.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.h2.Driver;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalog in an embedded H2 database. H2 does not sync on commit, so every write ends with CHECKPOINT SYNC. Every
 * record carries a checksum, and a root row the number and the combined checksum of all: a flipped bit or a missing row
 * is found by {@link #load}, which must come first. {@link CatalogAnchor} tells an older version of the whole.
 */
public final class H2Catalog implements Catalog {
    private static final Logger LOG = LoggerFactory.getLogger(H2Catalog.class);
    private static final String OPTIONS =
            ";DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0;CACHE_SIZE=4096;TRACE_LEVEL_FILE=0;TRACE_LEVEL_SYSTEM_OUT=0";
    private static final String[] SCHEMA = {
        "CREATE TABLE IF NOT EXISTS record(section VARCHAR(64) NOT NULL, id BIGINT NOT NULL, data VARBINARY(1000000000)"
                + " NOT NULL, crc INT NOT NULL, PRIMARY KEY(section, id))",
        "CREATE TABLE IF NOT EXISTS root(one INT PRIMARY KEY, generation BIGINT NOT NULL, physical_offset BIGINT NOT NULL,"
                + " record_count BIGINT NOT NULL, combined BIGINT NOT NULL, crc INT NOT NULL)"
    };

    private final Disk disk;
    private final String directory;
    private final String url;
    private final String name;
    private final CatalogAnchor anchor;
    private final CatalogSums fileSums;
    private final Map<CatalogKey, Integer> sums = new HashMap<>();
    private long combined;
    private long generation;
    private boolean loaded;
    private Connection connection;

    /** @param directory relative to the data directory, created when missing */
    public H2Catalog(Disk disk, String directory) {
        this(disk, directory, "file:" + disk.describe(directory));
    }

    /** @param location what H2 calls the directory: a file system prefix of H2 and a path. */
    H2Catalog(Disk disk, String directory, String location) {
        if (location.indexOf(';') >= 0)
            throw new IllegalArgumentException("H2 cannot use a path with ';': " + location);
        this.disk = disk;
        this.directory = directory;
        this.name = directory + "/catalog.mv.db";
        this.url = "jdbc:h2:" + location + "/catalog" + OPTIONS;
        this.anchor = new CatalogAnchor(disk, directory);
        this.fileSums = new CatalogSums(disk, directory, name);
        disk.createDirectories(directory);
    }

    @Override
    public Optional<CatalogContents> load() {
        boolean existed = disk.exists(name);
        boolean intact = fileSums.isDatabaseIntact();
        fileSums.delete();
        try {
            open();
            Optional<CatalogContents> contents = read();
            checkGeneration();
            if (!existed) disk.syncDirectory(directory);
            loaded = true;
            if (!intact) writeAgain(contents);
            return contents;
        } catch (SQLException | RuntimeException e) {
            throw e instanceof StoreException known ? known : damaged(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void write(CatalogUpdate update) {
        if (!loaded) throw new IllegalStateException("load must be called first");
        try {
            if (update.replaceAll()) deleteAll();
            delete(update);
            put(update);
            generation++;
            writeRoot(update.physicalOffset());
            connection.commit();
            execute("CHECKPOINT SYNC");
            anchor.write(generation);
        } catch (SQLException e) {
            loaded = false; // what the checksums in memory describe is no longer what the database holds
            StoreError error = isFull(e) ? StoreError.DISK_FULL : StoreError.IO_ERROR;
            throw new StoreException(
                    error, disk.describe(name), StoreException.NO_OFFSET, String.valueOf(e.getMessage()), e);
        }
    }

    /** The records were proved by their own checksums; the file around them was not. */
    private void writeAgain(Optional<CatalogContents> contents) throws SQLException {
        discard();
        open();
        read();
        loaded = true;
        if (contents.isEmpty()) return;
        write(new CatalogUpdate(contents.get().physicalOffset(), contents.get().records(), Set.of(), true));
    }

    @Override
    public void discard() {
        disconnect();
        for (String file : disk.list(directory)) {
            if (file.startsWith("catalog.")) disk.delete(directory + "/" + file);
        }
        anchor.delete();
        fileSums.delete();
        disk.syncDirectory(directory);
    }

    @Override
    public void close() {
        boolean wasLoaded = loaded;
        if (!disconnect() || !wasLoaded) return;
        try {
            fileSums.write();
        } catch (StoreException e) {
            LOG.info("The next start cannot check the whole catalog file, its records only: {}", e.getMessage());
            if (e.error() == StoreError.DISK_FULL) fileSums.delete();
        }
    }

    /** False when there was nothing to close, or it failed. */
    private boolean disconnect() {
        loaded = false;
        Connection closing = connection;
        connection = null;
        if (closing == null) return false;
        try {
            closing.close();
            return true;
        } catch (SQLException e) {
            // the last write was synced, nothing can be lost here
            LOG.warn("Closing the catalog failed: {}", e.toString());
            return false;
        }
    }

    private void open() throws SQLException {
        disconnect();
        connection = new Driver().connect(url, new Properties());
        connection.setAutoCommit(false);
        for (String statement : SCHEMA) execute(statement);
        connection.commit();
    }

    private Optional<CatalogContents> read() throws SQLException {
        Map<CatalogKey, byte[]> records = readRecords();
        try (PreparedStatement query = connection.prepareStatement(
                        "SELECT generation, physical_offset, record_count, combined, crc FROM root");
                ResultSet rows = query.executeQuery()) {
            generation = 0;
            if (!rows.next()) {
                if (!records.isEmpty()) throw damaged("records without a root row", null);
                return Optional.empty();
            }
            long physicalOffset = rows.getLong(2);
            long recordCount = rows.getLong(3);
            int sum = RecordSums.ofRoot(rows.getLong(1), physicalOffset, recordCount, rows.getLong(4));
            if (rows.getInt(5) != sum) throw damaged("the checksum of the root row differs", null);
            if (recordCount != records.size() || rows.getLong(4) != combined) {
                throw damaged("records are missing or surplus: " + records.size() + " of " + recordCount, null);
            }
            generation = rows.getLong(1);
            return Optional.of(new CatalogContents(physicalOffset, records));
        }
    }

    /**
     * The write of the anchor follows that of the database, so the database may be one ahead, of which the process may have
     * died. The anchor catches up at once: if it died again in the next write, the database would be two ahead.
     */
    private void checkGeneration() throws SQLException {
        long anchored = anchor.read();
        if (anchored == CatalogAnchor.DAMAGED) throw anchor.damaged();
        if (generation == anchored) return;
        if (generation != anchored + 1) {
            throw damaged("it holds write " + generation + " where " + anchored + " is the last durable one", null);
        }
        execute("CHECKPOINT SYNC"); // that write may not have been synced
        anchor.write(generation);
    }

    private Map<CatalogKey, byte[]> readRecords() throws SQLException {
        Map<CatalogKey, byte[]> records = new HashMap<>();
        sums.clear();
        combined = 0;
        try (PreparedStatement query = connection.prepareStatement("SELECT section, id, data, crc FROM record");
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                CatalogKey key = new CatalogKey(rows.getString(1), rows.getLong(2));
                byte[] data = rows.getBytes(3);
                if (rows.getInt(4) != RecordSums.of(key, data)) {
                    throw damaged("the checksum of record " + key + " differs", null);
                }
                records.put(key, data);
                remember(key, rows.getInt(4));
            }
        }
        return records;
    }

    private void deleteAll() throws SQLException {
        execute("DELETE FROM record");
        sums.clear();
        combined = 0;
    }

    private void delete(CatalogUpdate update) throws SQLException {
        if (update.deletes().isEmpty()) return;
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM record WHERE section = ? AND id = ?")) {
            for (CatalogKey key : update.deletes()) {
                forget(key);
                delete.setString(1, key.section());
                delete.setLong(2, key.id());
                delete.addBatch();
            }
            delete.executeBatch();
        }
    }

    private void put(CatalogUpdate update) throws SQLException {
        if (update.puts().isEmpty()) return;
        try (PreparedStatement merge = connection.prepareStatement(
                "MERGE INTO record(section, id, data, crc) KEY(section, id) VALUES(?,?,?,?)")) {
            for (Map.Entry<CatalogKey, byte[]> put : update.puts().entrySet()) {
                CatalogKey key = put.getKey();
                int sum = RecordSums.of(key, put.getValue());
                forget(key);
                remember(key, sum);
                merge.setString(1, key.section());
                merge.setLong(2, key.id());
                merge.setBytes(3, put.getValue());
                merge.setInt(4, sum);
                merge.addBatch();
            }
            merge.executeBatch();
        }
    }

    private void writeRoot(long physicalOffset) throws SQLException {
        try (PreparedStatement merge = connection.prepareStatement(
                "MERGE INTO root(one, generation, physical_offset, record_count, combined, crc) KEY(one)"
                        + " VALUES(1,?,?,?,?,?)")) {
            merge.setLong(1, generation);
            merge.setLong(2, physicalOffset);
            merge.setLong(3, sums.size());
            merge.setLong(4, combined);
            merge.setInt(5, RecordSums.ofRoot(generation, physicalOffset, sums.size(), combined));
            merge.executeUpdate();
        }
    }

    private void remember(CatalogKey key, int sum) {
        sums.put(key, sum);
        combined += RecordSums.share(sum);
    }

    private void forget(CatalogKey key) {
        Integer sum = sums.remove(key);
        if (sum != null) combined -= RecordSums.share(sum);
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private StoreException damaged(String detail, Throwable origin) {
        return new StoreException(
                StoreError.DAMAGED_CATALOG, disk.describe(name), StoreException.NO_OFFSET, detail, origin);
    }

    private static boolean isFull(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains("No space left")) return true;
            if (cause instanceof StoreException known && known.error() == StoreError.DISK_FULL) return true;
        }
        return false;
    }
}
