package org.larchmq.bench.rig;

import com.arjuna.ats.arjuna.common.CoreEnvironmentBeanException;
import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.arjPropertyManager;
import com.arjuna.ats.arjuna.common.recoveryPropertyManager;
import com.arjuna.ats.arjuna.exceptions.ObjectStoreException;
import com.arjuna.ats.arjuna.objectstore.RecoveryStore;
import com.arjuna.ats.arjuna.objectstore.StoreManager;
import com.arjuna.ats.arjuna.recovery.RecoveryManager;
import com.arjuna.ats.arjuna.state.InputObjectState;
import com.arjuna.ats.internal.arjuna.common.UidHelper;
import com.arjuna.ats.internal.arjuna.recovery.AtomicActionRecoveryModule;
import com.arjuna.ats.internal.jta.recovery.arjunacore.JTANodeNameXAResourceOrphanFilter;
import com.arjuna.ats.internal.jta.recovery.arjunacore.XARecoveryModule;
import com.arjuna.ats.jta.common.jtaPropertyManager;
import com.arjuna.ats.jta.recovery.XAResourceRecoveryHelper;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import jakarta.transaction.TransactionManager;
import java.nio.file.Path;
import java.util.List;
import javax.transaction.xa.XAResource;

/** A transaction manager with its log in a directory, and its recovery. One per process, as it is made. */
final class Narayana {
    private static final String NODE = "larchmq-rig";

    private Narayana() {}

    static TransactionManager start(Path store) {
        try {
            arjPropertyManager.getCoreEnvironmentBean().setNodeIdentifier(NODE);
        } catch (CoreEnvironmentBeanException e) {
            throw new RigException("the transaction manager does not start", e);
        }
        for (String name : new String[] {null, "communicationStore", "stateStore"}) {
            BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, name)
                    .setObjectStoreDir(store.toString());
        }
        jtaPropertyManager.getJTAEnvironmentBean().setXaRecoveryNodes(List.of(NODE));
        jtaPropertyManager.getJTAEnvironmentBean().setOrphanSafetyInterval(1);
        // of a decided transaction, a branch that its resource does not list any more was committed before the crash
        jtaPropertyManager.getJTAEnvironmentBean().setXaAssumeRecoveryComplete(true);
        recoveryPropertyManager.getRecoveryEnvironmentBean().setRecoveryBackoffPeriod(1);
        return com.arjuna.ats.jta.TransactionManager.transactionManager();
    }

    /** One pass over what an earlier process has left. */
    static final class Recovery {
        private final RecoveryManager manager;

        Recovery(Path store, XAResource resource) {
            start(store);
            recoveryPropertyManager.getRecoveryEnvironmentBean().setRecoveryModuleClassNames(List.of());
            manager = RecoveryManager.manager(RecoveryManager.DIRECT_MANAGEMENT);
            XARecoveryModule resources = new XARecoveryModule();
            resources.addXAResourceRecoveryHelper(new XAResourceRecoveryHelper() {
                @Override
                public boolean initialise(String text) {
                    return true;
                }

                @Override
                public XAResource[] getXAResources() {
                    return new XAResource[] {resource};
                }
            });
            resources.addXAResourceOrphanFilter(new JTANodeNameXAResourceOrphanFilter());
            manager.addModule(new AtomicActionRecoveryModule());
            manager.addModule(resources);
        }

        void pass() {
            manager.scan();
        }
    }

    /** Transactions in the log that have not ended. */
    static int unfinished() {
        try {
            RecoveryStore store = StoreManager.getRecoveryStore();
            InputObjectState uids = new InputObjectState();
            int count = 0;
            if (!store.allObjUids("/StateManager/BasicAction/TwoPhaseCoordinator/AtomicAction", uids)) return 0;
            while (!UidHelper.unpackFrom(uids).equals(com.arjuna.ats.arjuna.common.Uid.nullUid())) count++;
            return count;
        } catch (ObjectStoreException | java.io.IOException e) {
            throw new RigException("the transaction manager's log cannot be read", e);
        }
    }
}
