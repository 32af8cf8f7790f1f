package org.larchmq.store.queue;

/** Where the full pages of a queue live. Page ids are the implementation's. */
interface Pages {
    /** Stores a full page of rows and returns its id. */
    int store(long queueId, long firstQueueOffset, byte[] rows);

    /** Reads one row of a page. */
    void read(long queueId, int pageId, long firstQueueOffset, int rowIndex, Row row);

    /** Changes one row; returns the id under which the page is found from now on. */
    int update(long queueId, int pageId, long firstQueueOffset, int rowIndex, long newPhysicalOffset);

    /** Smallest physicalOffset of the rows from an index on. */
    long minPhysicalOffset(long queueId, int pageId, long firstQueueOffset, int fromRowIndex);

    void free(int pageId);
}
