/**
 * Judges what clients saw: a recorded history goes in, a verdict per delivery invariant (J1, J2 …) comes out.
 * Called by: fault rigs, simulation tests, the conformance suite. Calls: the JDK only, nothing of the broker, so that
 * no bug of the broker can hide itself here.
 * Threads: HistoryWriter may be shared; everything else belongs to one thread.
 * Start reading at HistoryRecord, then Checker.check, then History (what the records mean), then one invariant class.
 */
package org.larchmq.checker;
