package org.larchmq.jms.options;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Options of other providers' URLs that mean something else here, or nothing: what to write instead. Those that mean the
 * same are other names of an {@link Option}.
 */
final class ForeignOptions {
    private static final String TLS =
            "this client has no TLS yet, and the broker listens on loopback addresses only; leave"
                    + " it out and connect with tcp://, through a tunnel from another machine";
    private static final String NOTHING = "there is no such setting, and none is needed; leave it out";
    private static final String HEARTBEAT = "write heartbeat=30s for the silence after which the broker is asked";

    /** By name, or by its beginning and a star; the first that fits counts. */
    private static final Map<String, String> ANSWERS = new LinkedHashMap<>();

    static {
        for (String tls : new String[] {
            "ssl*",
            "keyStore*",
            "trustStore*",
            "transport.keyStore*",
            "transport.trustStore*",
            "transport.verifyHost",
            "socket.*",
            "enabledCipherSuites",
            "enabledProtocols",
            "verifyHost"
        }) {
            ANSWERS.put(tls, TLS);
        }
        ANSWERS.put("consumerWindowSize", "write prefetchBytes=8MiB for the bytes, or prefetch=0 for no buffering");
        ANSWERS.put(
                "jms.prefetchPolicy.*",
                "write prefetch=1000, which counts for every consumer of the connection; a queue and a topic that need"
                        + " different numbers get connections of their own");
        ANSWERS.put(
                "jms.redeliveryPolicy.*", "the broker decides: redelivery.maxDeliveries and redelivery.delay there");
        for (String async : new String[] {
            "jms.useAsyncSend",
            "jms.alwaysSyncSend",
            "jms.forceSyncSend",
            "jms.forceAsyncSend",
            "blockOnNonDurableSend",
            "blockOnDurableSend",
            "blockOnAcknowledge"
        }) {
            ANSWERS.put(
                    async,
                    "write sendNonPersistentAsync=true so that NON_PERSISTENT messages are not waited for; send"
                            + " PERSISTENT ones with a CompletionListener");
        }
        ANSWERS.put("jms.optimizeAcknowledge", "write autoAckWindow, or use DUPS_OK_ACKNOWLEDGE");
        ANSWERS.put("ha", "write failover:(tcp://a,tcp://b) for a connection that is restored when it is lost");
        ANSWERS.put("wireFormat.maxInactivityDuration", HEARTBEAT);
        ANSWERS.put("connectionTTL", HEARTBEAT);
        ANSWERS.put("clientFailureCheckPeriod", HEARTBEAT);
        ANSWERS.put("amqp.idleTimeout", HEARTBEAT);
        ANSWERS.put("callTimeout", "write requestTimeout=30s and sendTimeout=1min");
        ANSWERS.put("soTimeout", "write requestTimeout=30s and sendTimeout=1min");
        ANSWERS.put("producerWindowSize", "the broker decides: network.sendWindow there");
        ANSWERS.put("confirmationWindowSize", "the broker decides: network.sendWindow there");
        ANSWERS.put("jms.compressMessages", "write compression=lz4");
        ANSWERS.put("compressLargeMessage", "write compression=lz4");
        for (String nothing : new String[] {
            "wireFormat.*",
            "tcpNoDelay",
            "keepAlive",
            "socketBufferSize",
            "minLargeMessageSize",
            "trace",
            "useInactivityMonitor",
            "useTopologyForLoadBalancing",
            "nested.*",
            "failover.*",
            "transport.*",
            "amqp.*",
            "jms.*"
        }) {
            ANSWERS.put(nothing, NOTHING);
        }
    }

    private ForeignOptions() {}

    /** Null when no other provider is known to have it. */
    static String answer(String key) {
        for (Map.Entry<String, String> known : ANSWERS.entrySet()) {
            if (matches(key, known.getKey())) return known.getValue();
        }
        return null;
    }

    private static boolean matches(String key, String known) {
        return known.endsWith("*") ? key.startsWith(known.substring(0, known.length() - 1)) : key.equals(known);
    }
}
