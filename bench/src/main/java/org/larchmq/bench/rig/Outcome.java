package org.larchmq.bench.rig;

import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionRolledBackException;
import org.larchmq.checker.Phase;

/** What an exception says about the operation: refused for certain, or nobody knows. */
final class Outcome {
    private Outcome() {}

    static Phase ofSend(JMSException e) {
        boolean refused = e instanceof ResourceAllocationException || e instanceof InvalidDestinationException;
        return refused ? Phase.FAIL : Phase.INFO;
    }

    static Phase ofCommit(JMSException e) {
        return e instanceof TransactionRolledBackException ? Phase.FAIL : Phase.INFO;
    }
}
