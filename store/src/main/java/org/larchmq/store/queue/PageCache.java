package org.larchmq.store.queue;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** A bounded number of pages in memory, least recently used first out. Frames are reused, so a holder must check them. */
final class PageCache {
    private final int capacity;
    private final LinkedHashMap<Integer, Frame> frames = new LinkedHashMap<>(16, 0.75f, true);

    PageCache(int capacity) {
        this.capacity = capacity;
    }

    /** Memory for one page; {@code pageId} says which one it holds now. */
    static final class Frame {
        int pageId = -1;
        final ByteBuffer memory = ByteBuffer.allocate(PageFormat.PAGE_BYTES);
    }

    /** The frame with that page, or null. */
    Frame get(int pageId) {
        return frames.get(pageId);
    }

    /** A frame for that page, to be filled by the caller. */
    Frame add(int pageId) {
        Frame frame = null;
        if (frames.size() >= capacity) {
            Map.Entry<Integer, Frame> eldest = frames.entrySet().iterator().next();
            frame = eldest.getValue();
            frames.remove(eldest.getKey());
        }
        if (frame == null) frame = new Frame();
        frame.pageId = pageId;
        frames.put(pageId, frame);
        return frame;
    }

    void remove(int pageId) {
        Frame frame = frames.remove(pageId);
        if (frame != null) frame.pageId = -1;
    }

    void clear() {
        new HashMap<>(frames).keySet().forEach(this::remove);
    }
}
