package org.larchmq.broker.shard;

import org.larchmq.store.io.StoreError;

/** The log cannot begin a segment because the process may open no more files: as a full disk, this passes. */
class NoFilesLeftTest extends FullLogTest {
    @Override
    StoreError met() {
        return StoreError.TOO_MANY_OPEN_FILES;
    }

    @Override
    void takeRoom() {
        disk.noFilesLeft(true);
    }

    @Override
    void giveRoom() {
        disk.noFilesLeft(false);
    }
}
