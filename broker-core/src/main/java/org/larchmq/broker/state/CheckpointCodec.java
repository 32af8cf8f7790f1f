package org.larchmq.broker.state;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.store.catalog.CatalogKey;

/**
 * The state as catalog records: one for the shard, one for its open transactions, one for its producers, one for
 * its prepared branches, one per destination.
 */
public final class CheckpointCodec {
    static final CatalogKey LARGE = new CatalogKey("large", 0);
    private static final CatalogKey SHARD = new CatalogKey("shard", 0);
    private static final CatalogKey TRANSACTIONS = new CatalogKey("transactions", 0);
    private static final CatalogKey PRODUCERS = new CatalogKey("producers", 0);
    private static final CatalogKey BRANCHES = new CatalogKey("branches", 0);
    private static final String DESTINATION = "destination";

    /** What a checkpoint writes: changed records, and those that are gone. */
    public record Changed(Map<CatalogKey, byte[]> puts, Set<CatalogKey> deletes) {}

    private CheckpointCodec() {}

    static Changed encode(ShardState state, Set<Destination> changed, Set<Integer> deleted) {
        Map<CatalogKey, byte[]> puts = new HashMap<>();
        Set<CatalogKey> deletes = new HashSet<>();
        ByteWriter out = new ByteWriter(1024);
        StateRecords.writeShard(state, out);
        puts.put(SHARD, out.toByteArray());
        out.clear();
        state.openTransactions().write(out, () -> {}, () -> {});
        puts.put(TRANSACTIONS, out.toByteArray());
        if (state.producers().takeChanged()) {
            out.clear();
            state.producers().encode(out);
            puts.put(PRODUCERS, out.toByteArray());
        }
        out.clear();
        state.branches().write(out, () -> {});
        puts.put(BRANCHES, out.toByteArray());
        for (Destination destination : changed) {
            out.clear();
            StateRecords.writeDestination(destination, true, out);
            puts.put(new CatalogKey(DESTINATION, destination.id()), out.toByteArray());
        }
        for (int id : deleted) deletes.add(new CatalogKey(DESTINATION, id));
        return new Changed(puts, deletes);
    }

    /** Restores an empty state from all records of a checkpoint. */
    public static void restore(ShardState state, Map<CatalogKey, byte[]> records) {
        records.forEach((key, bytes) -> {
            ByteReader in = new ByteReader(ByteBuffer.wrap(bytes));
            if (key.section().equals(DelayRecords.MESSAGES) || key.section().equals(DelayRecords.GONE)) return;
            if (key.equals(LARGE)) state.large().restore(in);
            else if (key.equals(SHARD)) StateRecords.readShard(state, in);
            else if (key.equals(TRANSACTIONS))
                while (in.remaining() > 0) state.openTransactions().read(in);
            else if (key.equals(PRODUCERS)) state.producers().decode(in);
            else if (key.equals(BRANCHES))
                while (in.remaining() > 0) state.branches().readSlice(in);
            else StateRecords.readDestination(state, in);
            in.end();
        });
        state.restoreDelayed(records);
        state.restored();
    }
}
