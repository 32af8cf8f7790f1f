package org.larchmq.bench.rig;

import java.util.EnumMap;
import java.util.Map;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;

/** Kills the application, the broker, or both, at one moment of one transaction. */
final class XaStrike {
    enum Victim {
        APPLICATION,
        BROKER,
        BOTH
    }

    /** Exit code of an application that killed itself. */
    static final int HALTED = 9;

    private final HistoryWriter history;
    private final String proc;
    private final KillPoint point;
    private final Victim victim;
    private final long brokerPid;
    private final Map<KillPoint, Integer> passed = new EnumMap<>(KillPoint.class);
    private boolean armed;

    XaStrike(HistoryWriter history, String proc, KillPoint point, Victim victim, long brokerPid) {
        this.history = history;
        this.proc = proc;
        this.point = point;
        this.victim = victim;
        this.brokerPid = brokerPid;
    }

    void arm() {
        armed = true;
    }

    /** The transaction is at this point. */
    void at(KillPoint here) {
        if (!armed || here != point || passed.merge(here, 1, Integer::sum) > 1) return;
        if (victim != Victim.APPLICATION) killBroker();
        if (victim == Victim.BROKER) return;
        history.write(HistoryRecord.of(Op.CLIENT_KILL, Phase.INFO).proc(proc).build());
        Runtime.getRuntime().halt(HALTED);
    }

    /** Returns when it is dead. */
    private void killBroker() {
        history.write(
                HistoryRecord.of(Op.BROKER_KILL, Phase.INFO).note(point.name()).build());
        ProcessHandle.of(brokerPid).ifPresent(broker -> {
            broker.destroyForcibly();
            while (broker.isAlive()) Thread.onSpinWait();
        });
    }
}
