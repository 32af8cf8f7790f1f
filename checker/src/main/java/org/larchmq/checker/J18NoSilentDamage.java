package org.larchmq.checker;

/** Damage is reported with its place and never delivered as good; a loss that nobody reported is J1. */
final class J18NoSilentDamage extends Invariant {
    J18NoSilentDamage() {
        super("J18");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        if (!delivery.bodyDiffers() || !history.damageInjected()) return;
        findings.violation(code, delivery.mid() + " was delivered with a damaged body", delivery.mid());
    }

    @Override
    void other(HistoryRecord record, History history, Findings findings) {
        if (record.op() != Op.DAMAGE_REPORT) return;
        boolean hasPlace = record.file() != null && record.offset() >= 0;
        if (!hasPlace) findings.violation(code, "damage was reported without file and offset: " + record.note());
    }
}
