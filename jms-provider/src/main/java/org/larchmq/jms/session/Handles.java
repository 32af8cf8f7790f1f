package org.larchmq.jms.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.larchmq.jms.message.LarchDestination;

/**
 * The broker's numbers for destinations, of those that were used lately: a responder sends to as many temporary queues as
 * it gets requests, and each once. When a generation is full, what was not used during it is forgotten, and can be asked
 * for again. Safe from any thread; looking up takes no lock.
 */
final class Handles {
    private final int generation;
    private volatile Map<LarchDestination, Integer> young = new ConcurrentHashMap<>();
    private volatile Map<LarchDestination, Integer> old = Map.of();

    /** @param generation at most twice as many are kept */
    Handles(int generation) {
        this.generation = generation;
    }

    /** Null when it is not known. */
    Integer get(LarchDestination destination) {
        Integer known = young.get(destination);
        if (known != null) return known;
        known = old.get(destination);
        if (known != null) put(destination, known);
        return known;
    }

    synchronized void put(LarchDestination destination, int handle) {
        if (young.size() >= generation && !young.containsKey(destination)) {
            old = young;
            young = new ConcurrentHashMap<>();
        }
        young.put(destination, handle);
    }

    synchronized void remove(LarchDestination destination) {
        Map<LarchDestination, Integer> rest = new ConcurrentHashMap<>(old);
        if (rest.remove(destination) != null) old = rest;
        young.remove(destination);
    }

    synchronized List<LarchDestination> destinations() {
        List<LarchDestination> all = new ArrayList<>(young.keySet());
        for (LarchDestination destination : old.keySet()) if (!young.containsKey(destination)) all.add(destination);
        return all;
    }

    synchronized void replaceBy(Map<LarchDestination, Integer> others) {
        old = Map.of();
        young = new ConcurrentHashMap<>(others);
    }
}
