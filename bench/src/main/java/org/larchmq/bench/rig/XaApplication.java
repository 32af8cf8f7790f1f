package org.larchmq.bench.rig;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAConnectionFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.larchmq.bench.support.Jndi;
import org.larchmq.checker.HistoryReader;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The application of the rig xa-kill, a process of its own: moves orders from one queue to another, a transaction over two
 * resources each, until something is killed; or recovers what an earlier one has left. Exit codes: 0 well, 1 not, 9 killed.
 */
@Command(name = "xa-application", hidden = true, mixinStandardHelpOptions = true)
final class XaApplication implements Callable<Integer> {
    static final String IN = "queue:xa-in";
    static final String OUT = "queue:xa-out";
    private static final int ORDERS = 3;
    private static final int RECOVERY_SECONDS = 40;

    @Option(names = "--url", required = true)
    private String url;

    @Option(names = "--history", required = true)
    private Path historyFile;

    @Option(names = "--store", required = true)
    private Path store;

    @Option(names = "--run", required = true)
    private int run;

    @Option(names = "--recover")
    private boolean recover;

    @Option(names = "--point")
    private KillPoint point;

    @Option(names = "--victim")
    private XaStrike.Victim victim;

    @Option(names = "--broker-pid")
    private long brokerPid;

    @Option(names = "--jndi-factory", defaultValue = Jndi.LARCHMQ_FACTORY)
    private String jndiFactory;

    private HistoryWriter history;
    private XAConnectionFactory factory;

    @Override
    public Integer call() throws Exception {
        history = new HistoryWriter(historyFile);
        factory = (XAConnectionFactory) Jndi.connectionFactory(jndiFactory, url, "XAConnectionFactory");
        boolean well = recover ? recovered() : worked();
        System.out.println("run " + run + (well ? " done" : " failed"));
        return well ? 0 : 1;
    }

    // Work.

    private boolean worked() throws Exception {
        String proc = "app" + run;
        XaMover mover = new XaMover(store, history, proc);
        try (Connection connection =
                Jndi.connectionFactory(jndiFactory, url, "ConnectionFactory").createConnection()) {
            mover.feed(connection.createSession(), ORDERS);
        }
        XaStrike strike = new XaStrike(history, proc, point, victim, brokerPid);
        for (int i = 0; i < ORDERS; i++) {
            if (i == ORDERS - 1) strike.arm();
            try (XAConnection from = factory.createXAConnection();
                    XAConnection to = factory.createXAConnection()) {
                from.start();
                mover.move(from.createXASession(), to.createXASession(), proc + "-" + i, strike);
            } catch (JMSException e) {
                System.out.println("transaction " + i + ": " + e);
            }
        }
        return !mover.hadHeuristicOutcome();
    }

    // Recovery.

    private boolean recovered() throws Exception {
        try (XAConnection connection = factory.createXAConnection()) {
            XAResource resource = connection.createXASession().getXAResource();
            writeWhatNobodyIsToldOfAnyMore(scan(resource, true));
            XaProbe probe = new XaProbe(resource, history, null, null, false);
            Narayana.Recovery recovery = new Narayana.Recovery(store, probe);
            long until = System.nanoTime() + RECOVERY_SECONDS * 1_000_000_000L;
            while (System.nanoTime() < until) {
                recovery.pass();
                if (scan(resource, false).isEmpty() && Narayana.unfinished() == 0) return true;
            }
            System.out.println("left: " + scan(resource, false) + " branches, " + Narayana.unfinished()
                    + " transactions in the transaction manager's log");
            return false;
        }
    }

    private Set<String> scan(XAResource resource, boolean recorded) throws XAException {
        Set<String> listed = new HashSet<>();
        for (Xid xid : resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN)) {
            String tx = XaProbe.txOf(xid);
            listed.add(tx);
            if (recorded) {
                history.write(HistoryRecord.of(Op.XA_LISTED, Phase.OK).tx(tx).build());
            }
        }
        if (recorded) history.write(HistoryRecord.of(Op.XA_SCAN, Phase.OK).build());
        return listed;
    }

    /** Of what was asked and not answered, what is not listed is done: nobody will ask again. */
    private void writeWhatNobodyIsToldOfAnyMore(Set<String> listed) {
        Map<String, Op> asked = new HashMap<>();
        for (HistoryRecord r : HistoryReader.of(historyFile)) {
            if (r.tx() == null) continue;
            boolean isEnd = r.op() == Op.COMMIT || r.op() == Op.ROLLBACK;
            if (r.op() == Op.PREPARE && r.phase() == Phase.INVOKE) asked.put(r.tx(), Op.ROLLBACK);
            else if (r.op() == Op.PREPARE && r.phase() == Phase.OK) asked.remove(r.tx()); // must be listed, or asked
            else if (isEnd && (r.phase() == Phase.OK || r.phase() == Phase.FAIL)) asked.remove(r.tx());
            else if (isEnd) asked.put(r.tx(), r.op());
        }
        asked.keySet().removeAll(listed);
        asked.forEach((tx, op) -> history.write(
                HistoryRecord.of(op, Phase.OK).tx(tx).note("not listed").build()));
    }
}
