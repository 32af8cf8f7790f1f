package org.larchmq.store.io;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A disk in memory that keeps apart what was written and what is durable. A power loss keeps any 512-byte sectors of the
 * writes that were not forced, and any of the creations, deletions and renames that were not synced. A flush that fails says
 * so once and forgets what it should have flushed. Deterministic from its seed. Single-threaded.
 */
public final class SimulatedDisk implements Disk {
    private final Random random;
    private final Map<String, SimulatedFile> names = new TreeMap<>();
    private Map<String, SimulatedFile> durableNames = new TreeMap<>();
    private List<NameChange> pendingNames = new ArrayList<>();
    private final Set<String> locks = new HashSet<>();
    private long capacityBytes = Long.MAX_VALUE / 4;
    private boolean lying;
    private boolean noFilesLeft;
    private long powerLossIn = Long.MAX_VALUE;
    private long failWriteIn = Long.MAX_VALUE;
    private long failForceIn = Long.MAX_VALUE;
    private Fault fault;
    private long faultIn;
    private Set<Place> faultPlaces = EnumSet.allOf(Place.class);
    private Consumer<String> faultListener = met -> {};
    private int fullFor;
    private long faultsMet;
    private boolean powerLost;
    private long changes;
    private long reads;

    /** One step of a directory; null removes or adds nothing. */
    private record NameChange(String removed, String added, SimulatedFile file) {}

    /** What may happen to a change of the disk, beside a loss of power. */
    public enum Fault {
        /** There is no room for this and some following writes that make a file longer, nor for new files. */
        FULL,
        /** A write is cut short, a flush fails and forgets, a directory step does not happen. */
        BROKEN
    }

    /** The files of a data directory by what they are for. */
    public enum Place {
        LOG,
        /** Log files while they get longer: space that is prepared before entries are written into it. */
        SPACE_AHEAD,
        PAGES,
        CATALOG,
        OTHER;

        private static Place of(String path, boolean growing) {
            if (path.startsWith("queues")) return PAGES;
            if (path.startsWith("catalog")) return CATALOG;
            if (!path.startsWith("commitlog")) return OTHER;
            return growing ? SPACE_AHEAD : LOG;
        }
    }

    public SimulatedDisk(long seed) {
        this.random = new Random(seed);
    }

    // Faults

    /** Power is lost in the k-th change (write, force, directory step) from now, 1 being the next. */
    public SimulatedDisk losePowerAtWrite(long k) {
        powerLossIn = k;
        return this;
    }

    /** The k-th change from now, or the first after it that the fault can hit, meets it. */
    public SimulatedDisk failAtChange(long k, Fault met) {
        return failAtChange(k, met, EnumSet.allOf(Place.class));
    }

    /** The same, and only changes in these places can be hit. */
    public SimulatedDisk failAtChange(long k, Fault met, Set<Place> places) {
        fault = met;
        faultIn = changes + k;
        faultPlaces = EnumSet.copyOf(places);
        return this;
    }

    /** From now on nothing fails by itself any more; a loss of power and the capacity are left as they are. */
    public SimulatedDisk failNoMore() {
        fault = null;
        fullFor = 0;
        return this;
    }

    /** Told of each change that fails, before it does: what kind of change, and where. */
    public SimulatedDisk onFault(Consumer<String> listener) {
        faultListener = listener;
        return this;
    }

    /** How many changes have failed. */
    public long faultsMet() {
        return faultsMet;
    }

    /** The k-th write from now fails with IO_ERROR. */
    public SimulatedDisk failWriteAt(long k) {
        failWriteIn = k;
        return this;
    }

    /** The k-th force from now fails, and what it should have flushed will never be durable. */
    public SimulatedDisk failForceAt(long k) {
        failForceIn = k;
        return this;
    }

    /** From now on force and syncDirectory say yes and do nothing. */
    public SimulatedDisk lying() {
        lying = true;
        return this;
    }

    /** How much all files together may hold. */
    public SimulatedDisk capacity(long bytes) {
        capacityBytes = bytes;
        return this;
    }

    /** Whether files that exist are all that can be opened: a new one meets TOO_MANY_OPEN_FILES. */
    public SimulatedDisk noFilesLeft(boolean none) {
        noFilesLeft = none;
        return this;
    }

    /** Flips one bit, on the medium and for readers. */
    public void flipBit(String path, long bit) {
        file(path).flipBit(bit);
    }

    /** What the next process finds after a power loss. This disk must not be used any more. */
    public SimulatedDisk afterPowerLoss() {
        SimulatedDisk survivor = new SimulatedDisk(random.nextLong());
        survivor.capacityBytes = capacityBytes;
        Map<String, SimulatedFile> entries = new TreeMap<>(durableNames);
        double keep = random.nextInt(3) == 0 ? random.nextInt(2) : random.nextDouble();
        for (NameChange change : pendingNames) {
            if (random.nextDouble() >= keep) continue;
            if (change.removed != null) entries.remove(change.removed);
            if (change.added != null) entries.put(change.added, change.file);
        }
        entries.forEach((path, file) -> survivor.names.put(path, file.afterPowerLoss(random)));
        survivor.durableNames = new TreeMap<>(survivor.names);
        return survivor;
    }

    /** What the next process finds when only the process died: everything that was written, durable or not. */
    public SimulatedDisk afterProcessDeath() {
        SimulatedDisk survivor = new SimulatedDisk(random.nextLong());
        survivor.capacityBytes = capacityBytes;
        survivor.names.putAll(names);
        survivor.durableNames = durableNames;
        survivor.pendingNames = pendingNames;
        survivor.lying = lying;
        return survivor;
    }

    /** Another disk that holds the same, and loses nothing. */
    public SimulatedDisk copy() {
        SimulatedDisk copy = new SimulatedDisk(0);
        names.forEach((path, file) -> copy.names.put(path, file.copy()));
        copy.durableNames = new TreeMap<>(copy.names);
        return copy;
    }

    /** Bytes that all files hold together. */
    public long heldBytes() {
        return usedBytes();
    }

    /** Writes, forces and directory steps so far. */
    public long changes() {
        return changes;
    }

    /** Read calls so far. */
    public long reads() {
        return reads;
    }

    /** Every file. */
    public List<String> paths() {
        return List.copyOf(names.keySet());
    }

    public long sizeOf(String path) {
        return file(path).size();
    }

    // Disk

    @Override
    public DiskFile open(String path, boolean create) {
        alive();
        if (!names.containsKey(path)) {
            if (!create) throw failure(StoreError.IO_ERROR, path, "no such file");
            if (noFilesLeft) throw failure(StoreError.TOO_MANY_OPEN_FILES, path, "simulated");
            if (isFullNow(Place.of(path, true))) throw failure(StoreError.DISK_FULL, path, "simulated");
            if (isBrokenNow("creation", Place.of(path, true))) throw failure(StoreError.IO_ERROR, path, "simulated");
            SimulatedFile file = new SimulatedFile();
            change(() -> changeName(new NameChange(null, path, file)));
        }
        return new Handle(path, file(path));
    }

    @Override
    public boolean exists(String path) {
        alive();
        return names.containsKey(path) || names.keySet().stream().anyMatch(name -> name.startsWith(path + "/"));
    }

    @Override
    public List<String> list(String directory) {
        alive();
        String prefix = directory.isEmpty() ? "" : directory + "/";
        return names.keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .filter(name -> name.indexOf('/') < 0)
                .toList();
    }

    @Override
    public void delete(String path) {
        alive();
        if (!names.containsKey(path)) return;
        if (isBrokenNow("deletion", Place.of(path, false))) throw failure(StoreError.IO_ERROR, path, "simulated");
        change(() -> changeName(new NameChange(path, null, null)));
    }

    @Override
    public void rename(String from, String to) {
        alive();
        SimulatedFile file = file(from);
        if (isBrokenNow("renaming", Place.of(to, false))) throw failure(StoreError.IO_ERROR, from, "simulated");
        change(() -> changeName(new NameChange(from, to, file)));
    }

    @Override
    public void createDirectories(String directory) {
        alive(); // directories are taken to be durable at once
    }

    @Override
    public void syncDirectory(String directory) {
        alive();
        if (isBrokenNow("directory flush", Place.of(directory, false))) {
            throw failure(StoreError.FLUSH_FAILED, directory, "simulated");
        }
        change(() -> {});
        if (lying) return;
        List<NameChange> others = new ArrayList<>();
        for (NameChange change : pendingNames) {
            String path = change.added != null ? change.added : change.removed;
            if (!parent(path).equals(directory)) {
                others.add(change);
                continue;
            }
            if (change.removed != null) durableNames.remove(change.removed);
            if (change.added != null) durableNames.put(change.added, change.file);
        }
        pendingNames = others;
    }

    @Override
    public long usableBytes() {
        alive();
        return Math.max(0, capacityBytes - usedBytes());
    }

    @Override
    public long totalBytes() {
        return capacityBytes;
    }

    @Override
    public AutoCloseable lock(String path) {
        alive();
        if (!locks.add(path)) throw failure(StoreError.ALREADY_LOCKED, path, "held by this test");
        return () -> locks.remove(path);
    }

    @Override
    public String describe(String path) {
        return "/sim/" + path;
    }

    private final class Handle implements DiskFile {
        private final String path;
        private final SimulatedFile file;
        private final AtomicBoolean closed = new AtomicBoolean();

        Handle(String path, SimulatedFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public int read(ByteBuffer destination, long position) {
            usable();
            reads++;
            return file.read(destination, Math.toIntExact(position));
        }

        @Override
        public void write(ByteBuffer source, long position) {
            usable();
            long growth = position + source.remaining() - file.size();
            Place place = Place.of(path, growth > 0);
            if (growth > 0 && usedBytes() + growth > capacityBytes) {
                faultListener.accept("full disk, " + place);
                throw new StoreException(StoreError.DISK_FULL, describe(path), position, "simulated", null);
            }
            if (growth > 0 && isFullNow(place)) {
                partlyWrite(source, position);
                throw new StoreException(StoreError.DISK_FULL, describe(path), position, "simulated", null);
            }
            if (isBrokenNow("write", place)) {
                partlyWrite(source, position);
                throw new StoreException(StoreError.IO_ERROR, describe(path), position, "simulated", null);
            }
            if (--failWriteIn == 0) throw new StoreException(StoreError.IO_ERROR, path(), position, "simulated", null);
            change(() -> file.write(source, Math.toIntExact(position)));
        }

        private void partlyWrite(ByteBuffer source, long position) {
            ByteBuffer part = source.duplicate();
            long end = position + random.nextInt(part.remaining() + 1);
            long sectorEnd = Math.max(position, end / SimulatedFile.SECTOR_BYTES * SimulatedFile.SECTOR_BYTES);
            part.limit(part.position() + (int) (sectorEnd - position));
            file.write(part, Math.toIntExact(position));
        }

        @Override
        public void force(boolean metadata) {
            usable();
            if (--failForceIn == 0 || isBrokenNow("flush", Place.of(path, file.isGrowing()))) {
                file.failForce();
                throw failure(StoreError.FLUSH_FAILED, path, "simulated");
            }
            change(() -> {});
            if (!lying) file.force();
        }

        @Override
        public long size() {
            usable();
            return file.size();
        }

        @Override
        public void truncate(long sizeBytes) {
            usable();
            change(() -> file.truncate(Math.toIntExact(sizeBytes)));
        }

        @Override
        public String path() {
            return describe(path);
        }

        @Override
        public void close() {
            closed.set(true);
        }

        private void usable() {
            alive();
            if (closed.get()) throw failure(StoreError.IO_ERROR, path, "the file is closed");
        }
    }

    private boolean isFullNow(Place place) {
        if (fullFor > 0) {
            fullFor--;
            met("full disk", place);
            return true;
        }
        if (fault != Fault.FULL || changes < faultIn || !faultPlaces.contains(place)) return false;
        fault = null;
        fullFor = random.nextInt(20);
        met("full disk", place);
        return true;
    }

    private boolean isBrokenNow(String what, Place place) {
        if (fault != Fault.BROKEN || changes < faultIn || !faultPlaces.contains(place)) return false;
        fault = null;
        met("failed " + what, place);
        return true;
    }

    private void met(String what, Place place) {
        faultsMet++;
        faultListener.accept(what + ", " + place);
    }

    private void alive() {
        if (powerLost) throw new PowerLoss();
    }

    /** A write at the moment of power loss may still reach the medium; a force or sync does not happen. */
    private void change(Runnable effect) {
        changes++;
        effect.run();
        if (--powerLossIn > 0) return;
        powerLost = true;
        throw new PowerLoss();
    }

    private void changeName(NameChange change) {
        if (change.removed != null) names.remove(change.removed);
        if (change.added != null) names.put(change.added, change.file);
        pendingNames.add(change);
    }

    private SimulatedFile file(String path) {
        SimulatedFile file = names.get(path);
        if (file == null) throw failure(StoreError.IO_ERROR, path, "no such file");
        return file;
    }

    private long usedBytes() {
        long used = 0;
        for (SimulatedFile file : names.values()) used += file.size();
        return used;
    }

    private StoreException failure(StoreError error, String path, String detail) {
        return new StoreException(error, describe(path), StoreException.NO_OFFSET, detail, null);
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }
}
