package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import java.util.List;
import org.larchmq.broker.journal.BranchEntry.BranchCommitted;
import org.larchmq.broker.journal.BranchEntry.BranchForgotten;
import org.larchmq.broker.journal.BranchEntry.BranchPrepared;
import org.larchmq.broker.journal.BranchEntry.BranchRolledBack;
import org.larchmq.broker.journal.MessageEntry.LargePart;
import org.larchmq.broker.journal.MessageEntry.MessageMoved;
import org.larchmq.broker.journal.MessageEntry.MessageStored;
import org.larchmq.broker.journal.MessageEntry.StagedMoved;
import org.larchmq.broker.journal.ScheduleEntry.DelayDue;
import org.larchmq.broker.journal.SettlementEntry.DeadLetterRow;
import org.larchmq.broker.journal.SettlementEntry.DeadLettered;
import org.larchmq.broker.journal.SettlementEntry.DeliveryReserved;
import org.larchmq.broker.journal.SettlementEntry.Returned;
import org.larchmq.broker.journal.SettlementEntry.Settled;
import org.larchmq.broker.journal.ShardEntry.CleanlyStopped;
import org.larchmq.broker.journal.ShardEntry.EpochStarted;
import org.larchmq.broker.journal.ShardEntry.SnapshotPart;
import org.larchmq.broker.journal.TopologyEntry.DestinationCreated;
import org.larchmq.broker.journal.TopologyEntry.DestinationDeleted;
import org.larchmq.broker.journal.TopologyEntry.SubscriptionCreated;
import org.larchmq.broker.journal.TopologyEntry.SubscriptionDeleted;
import org.larchmq.broker.journal.TopologyEntry.Terms;
import org.larchmq.broker.journal.TransactionEntry.TransactionCommitted;
import org.larchmq.broker.journal.TransactionEntry.TransactionNamed;
import org.larchmq.broker.journal.TransactionEntry.TransactionRolledBack;
import org.larchmq.broker.journal.TransactionEntry.TransactionsFenced;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.MessageRef;

/** One entry or more of every type. Their messages are too short to be real ones. */
public final class EntrySamples {
    private static final byte[] MESSAGE = {9, 8, 7, 6};

    private EntrySamples() {}

    private static MessageRef message(int at, int size) {
        return new MessageRef(ByteBuffer.wrap(MESSAGE), at, size);
    }

    private static AckList acknowledged() {
        AckList acks = new AckList();
        acks.of(1, 4).add(5);
        acks.of(2, 9).add(6, 10);
        acks.of(1, 4).add(6);
        return acks;
    }

    private static OffsetRanges ranges() {
        OffsetRanges ranges = new OffsetRanges();
        ranges.add(3, 4);
        ranges.add(7); // follows, so it joins
        ranges.add(100);
        return ranges;
    }

    /** In the order of the golden file. */
    public static List<Entry> all() {
        ByteBuffer zeros = ByteBuffer.allocate(5);
        DueMessages due = new DueMessages();
        due.add(new DueMessages.Due(7, 4, true, 12, 1L << 41, 1L << 42, 333, -9));
        due.add(new DueMessages.Due(8, 9, false, 0, 5, 6, 7, 8));
        BranchId branch = new BranchId(131_077, new byte[64], new byte[] {1});
        return List.of(
                new MessageStored().set(7, 11, MessageEntry.IN_TRANSACTION, true, null, message(1, 3)),
                new MessageStored().set(7, 0, 42, false, null, message(0, 4)),
                new MessageStored().set(7, 0, 43, false, "größe", message(0, 4)),
                new MessageMoved(0, 8, 44, true, null, new MessageRef(zeros, 0, 3)),
                new MessageMoved(0, 8, ~(1L << 40), false, null, new MessageRef(zeros, 0, 5)),
                new StagedMoved(0, 11, 1L << 41, false, null, new MessageRef(zeros, 0, 5)),
                new SubscriptionCreated(8, 7, new Terms("", "eu", true, false, "a > 1")),
                new SubscriptionCreated(9, 7, new Terms("client", "eu", false, true, "")),
                new SubscriptionDeleted(8),
                new Settled(1, 4, ranges()),
                new Returned(1, 4, ranges(), true),
                new Returned(1, 4, ranges(), false),
                new DeadLettered(1, 4, 77, new DeadLetterRow(2, 5, 1000, 64, -3)),
                new DeliveryReserved(1, 9, 1L << 40),
                new TransactionCommitted(11, List.of(new FirstOffset(7, 4, 43)), acknowledged()),
                new DelayDue(due),
                new LargePart(ByteBuffer.wrap(MESSAGE), 1, 2),
                new TransactionRolledBack(12),
                new TransactionNamed(13, -5, 2),
                new TransactionsFenced(-5, 3),
                new BranchPrepared(13, branch, "alice", 1L << 41, acknowledged()),
                new BranchCommitted(13, false, List.of(new FirstOffset(7, 4, 43))),
                new BranchRolledBack(14, true),
                new BranchForgotten(14),
                new DestinationCreated(7, DestinationKind.TOPIC, "prix-é"),
                new DestinationDeleted(7),
                new EpochStarted(3),
                new CleanlyStopped(),
                new SnapshotPart(true, false, ByteBuffer.wrap(MESSAGE), 0, 4));
    }
}
