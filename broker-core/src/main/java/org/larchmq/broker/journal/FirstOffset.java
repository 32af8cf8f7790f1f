package org.larchmq.broker.journal;

import java.util.ArrayList;
import java.util.List;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/** Where a transaction's messages of one destination and priority go: consecutive places from {@code queueOffset} on. */
public record FirstOffset(int destinationId, int priority, long queueOffset) {
    /** Layout of a list, for the documentation. */
    static final String LIST = "places 4, per place: destinationId 4, priority 1, queueOffset 8";

    static final int BYTES = 13;

    static void encode(List<FirstOffset> places, ByteWriter out) {
        out.putInt(places.size());
        for (FirstOffset place : places) {
            out.putInt(place.destinationId).putByte(place.priority).putLong(place.queueOffset);
        }
    }

    static List<FirstOffset> decode(ByteReader in) {
        List<FirstOffset> places = new ArrayList<>();
        for (int i = in.getCount(BYTES); i > 0; i--) {
            places.add(new FirstOffset(in.getInt(), in.getByte(), in.getLong()));
        }
        return places;
    }
}
