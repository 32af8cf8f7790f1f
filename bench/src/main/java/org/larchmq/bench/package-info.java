/** Entry point of the fault rigs; nobody calls it but the command line. Start reading at Rigs. */
package org.larchmq.bench;
