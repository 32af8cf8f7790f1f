package org.larchmq.jms.net;

import jakarta.jms.JMSException;

/** What a connection is told by the thread that reads. Must not block and not call applications. */
public interface TransportEvents {
    void delivered(DeliveryBatch batch);

    /** The broker asks a consumer for what its application has not seen. */
    void recalled(int consumerId);

    /** Called once, after everything that waited has been failed; from whichever thread noticed. */
    void lost(JMSException why);
}
