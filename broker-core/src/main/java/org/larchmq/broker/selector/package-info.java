/**
 * Message selectors (Jakarta Messaging 3.1, section 3.8): parses a selector once and evaluates it on encoded messages,
 * without decoding them. Both sides are untrusted: a selector's size and a message's cost are bounded.
 *
 * <p>Called by: delivery (matches) and the network endpoint (parse). Calls: wire.
 * Threads: a {@link org.larchmq.broker.selector.Selector} is immutable and may be shared.
 * Start reading at Selector, then Parser, Expression, Evaluation.
 */
package org.larchmq.broker.selector;
