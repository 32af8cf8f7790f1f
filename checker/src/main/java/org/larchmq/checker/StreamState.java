package org.larchmq.checker;

import java.util.TreeMap;
import java.util.function.Consumer;

/** The messages one session of a producer sent to one destination, by seq. */
final class StreamState {
    private static final int PAGE_BITS = 8;
    private static final int PAGE = 1 << PAGE_BITS;

    final String producer;
    final String session;
    final String dest;
    private final TreeMap<Long, MessageState[]> pages = new TreeMap<>();
    private long lastPageNumber = -1;
    private MessageState[] lastPage;

    StreamState(String producer, String session, String dest) {
        this.producer = producer;
        this.session = session;
        this.dest = dest;
    }

    MessageState get(long seq) {
        MessageState[] page = page(seq >>> PAGE_BITS);
        return page == null ? null : page[(int) seq & PAGE - 1];
    }

    MessageState getOrCreate(long seq) {
        long number = seq >>> PAGE_BITS;
        MessageState[] page = page(number);
        if (page == null) {
            page = new MessageState[PAGE];
            pages.put(number, page);
            lastPageNumber = number;
            lastPage = page;
        }
        int slot = (int) seq & PAGE - 1;
        if (page[slot] == null) page[slot] = new MessageState(this, seq);
        return page[slot];
    }

    private MessageState[] page(long number) {
        if (number == lastPageNumber) return lastPage;
        MessageState[] page = pages.get(number);
        if (page == null) return null;
        lastPageNumber = number;
        lastPage = page;
        return page;
    }

    void forEach(Consumer<MessageState> action) {
        for (MessageState[] page : pages.values()) {
            for (MessageState message : page) {
                if (message != null) action.accept(message);
            }
        }
    }
}
