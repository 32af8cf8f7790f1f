/**
 * Layout of a message: what a client writes, the broker stores and a consumer reads are the same bytes, see {@link
 * org.larchmq.message.MessageLayout}. Also what every protocol of the broker shares: names, destination kinds, branch ids
 * and error codes. Depends on nothing; frames are {@code org.larchmq.wire}'s.
 */
package org.larchmq.message;
