package org.larchmq.broker.shard;

import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.SimulatedDisk.Fault;
import org.larchmq.store.io.SimulatedDisk.Place;

/** What the disk does to a shard in one of its lives, beside a loss of power. */
interface DiskTrouble {
    /** Nothing but losses of power. */
    DiskTrouble NONE = new DiskTrouble() {
        @Override
        public void plant(int life, Random random, SimulatedDisk disk) {
            disk.losePowerAtWrite(20 + random.nextInt(300));
        }
    };

    /** Failed writes and flushes, and full disks, at any change, or in one place that is hit rarely otherwise. */
    DiskTrouble ANYWHERE = new DiskTrouble() {
        @Override
        public void plant(int life, Random random, SimulatedDisk disk) {
            disk.losePowerAtWrite(random.nextInt(3) == 0 ? Long.MAX_VALUE : 20 + random.nextInt(500));
            if (random.nextInt(5) == 0) return;
            Fault fault = random.nextInt(3) == 0 ? Fault.FULL : Fault.BROKEN;
            Place[] places = Place.values();
            Set<Place> where =
                    random.nextBoolean() ? EnumSet.allOf(Place.class) : EnumSet.of(places[random.nextInt(4)]);
            disk.failAtChange(1 + random.nextInt(random.nextInt(4) == 0 ? 20 : 250), fault, where);
        }

        @Override
        public boolean fillsUp() {
            return true;
        }
    };

    /** The same fault at a certain change of one life, and nothing else. */
    static DiskTrouble at(int life, long change, Fault fault) {
        return (now, random, disk) -> {
            disk.losePowerAtWrite(Long.MAX_VALUE);
            if (now == life) disk.failAtChange(change, fault);
        };
    }

    /** Called before each start; the lives are numbered from 0. */
    void plant(int life, Random random, SimulatedDisk disk);

    /** Whether the disk also gets full for a while, or for several lives, at any time. */
    default boolean fillsUp() {
        return false;
    }
}
