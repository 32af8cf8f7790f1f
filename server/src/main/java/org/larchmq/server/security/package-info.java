/**
 * Who may connect: users with password hashes in a file, and the secret of the running broker by which its own
 * machine's administrator asks for its status.
 *
 * <p>Called by: the cli package. Calls: broker-core's Authenticator, snakeyaml-engine, the JDK's cryptography.
 * Threads: {@link org.larchmq.server.security.PasswordAuthenticator} is called by event loops and hashes on threads of
 * its own; everything else is immutable or used by one thread.
 * Start reading at PasswordAuthenticator.authenticate.
 */
package org.larchmq.server.security;
