/**
 * The stand-alone broker: configuration, users, the process and its command line. {@link org.larchmq.server.Main} is
 * the only class here; the packages below have one responsibility each, and only cli knows all of them.
 */
package org.larchmq.server;
