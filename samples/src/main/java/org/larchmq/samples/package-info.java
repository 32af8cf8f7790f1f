/**
 * Small programs a newcomer runs first. They use the Jakarta Messaging API and JNDI only; nothing of LarchMQ's is
 * imported, so that they show what an application looks like. Called by: nobody but `larchmq quickstart`, which runs
 * them as processes. Start reading at {@link org.larchmq.samples.first.FirstProgram}.
 */
package org.larchmq.samples;
