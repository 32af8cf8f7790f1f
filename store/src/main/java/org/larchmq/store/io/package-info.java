/**
 * The seams between the store and its machine: files, clock, and the one exception that says what went wrong with them.
 * Called by: every other package of the store, and whoever wires a broker. Calls: java.nio only.
 * Threads: said at each type.
 * Start reading at Disk, then NioDisk. The simulated disk of the tests stands beside it in src/test.
 */
package org.larchmq.store.io;
