package org.larchmq.jms.session;

import java.io.Serializable;
import javax.transaction.xa.Xid;
import org.larchmq.message.BranchId;

/** An Xid that recovery has found. */
final class LarchXid implements Xid, Serializable {
    private static final long serialVersionUID = 1;

    private final int formatId;
    private final byte[] globalId;
    private final byte[] qualifier;

    LarchXid(BranchId branch) {
        formatId = branch.formatId();
        globalId = branch.globalId();
        qualifier = branch.qualifier();
    }

    private BranchId branch() {
        return new BranchId(formatId, globalId, qualifier);
    }

    @Override
    public int getFormatId() {
        return formatId;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return globalId.clone();
    }

    @Override
    public byte[] getBranchQualifier() {
        return qualifier.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LarchXid that && branch().equals(that.branch());
    }

    @Override
    public int hashCode() {
        return branch().hashCode();
    }

    @Override
    public String toString() {
        return branch().toString();
    }
}
