package org.larchmq.checker;

import java.util.HashMap;
import java.util.Map;

/** Messages of one JMSXGroupID are processed one session at a time and in order. */
final class J14OrderedGroups extends Invariant {
    private record Group(String dest, String sub, String id) {}

    private static final class Progress {
        CopyState last;
        MessageState lastMessage;
        final Map<StreamState, Long> highest = new HashMap<>(2);
    }

    private final Map<Group, Progress> groups = new HashMap<>();

    J14OrderedGroups() {
        super("J14");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        HistoryRecord r = delivery.record();
        MessageState message = delivery.message();
        if (r.group() == null || message == null || delivery.isDeadLetter()) return;
        Progress group = groups.computeIfAbsent(new Group(r.dest(), r.sub(), r.group()), k -> new Progress());
        if (group.lastMessage != null) group.last = group.lastMessage.copy(r.dest(), r.sub());
        if (isHeldElsewhere(group.last, delivery, history))
            findings.violation(
                    code,
                    "%s of group %s was delivered to %s while %s held %s"
                            .formatted(
                                    delivery.mid(),
                                    r.group(),
                                    r.session(),
                                    group.last.session.id,
                                    group.last.message.mid()),
                    delivery.mid(),
                    group.last.message.mid());
        long highest = group.highest.getOrDefault(message.stream, -1L);
        boolean isFirst = delivery.copy() == null && !r.redelivered();
        if (isFirst && message.seq < highest)
            findings.violation(
                    code,
                    "%s of group %s was delivered after seq %d".formatted(delivery.mid(), r.group(), highest),
                    delivery.mid());
        group.highest.put(message.stream, Math.max(highest, message.seq));
        group.lastMessage = message;
    }

    private static boolean isHeldElsewhere(CopyState last, Delivery delivery, History history) {
        return last != null && last.session != delivery.session() && last.fate(history) == CopyState.Fate.HELD;
    }
}
