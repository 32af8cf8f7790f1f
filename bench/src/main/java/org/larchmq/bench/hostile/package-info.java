/**
 * A hostile client that speaks the protocol by hand, with bytes of its own making, and the attacks it knows. It runs in a
 * process of its own, beside honest clients whose latency and messages are watched by the rig {@code hostile}.
 *
 * <p>Called by: the command line. Start reading at Attacker, then Attacks, then RawPeer.
 */
package org.larchmq.bench.hostile;
