/**
 * Breaks the wire between a client and a broker at every call of the Jakarta Messaging API, and judges what comes of it.
 *
 * <p>{@link org.larchmq.embedded.faults.FaultProxy} knows frames and does the breaking; the classes named {@code …Calls}
 * list the calls; {@link org.larchmq.embedded.faults.Endings} says how each may end; {@link
 * org.larchmq.embedded.faults.CombinationRun} runs one call under one fault and looks for what is left behind. Start
 * reading at {@code FaultMatrixTest}.
 */
package org.larchmq.embedded.faults;
