package org.larchmq.store.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file of {@link NioDisk}. */
final class NioDiskFile implements DiskFile {
    private final String path;
    private final FileChannel channel;

    NioDiskFile(String path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public int read(ByteBuffer destination, long position) {
        int total = 0;
        try {
            while (destination.hasRemaining()) {
                int count = channel.read(destination, position + total);
                if (count < 0) break;
                total += count;
            }
            return total;
        } catch (IOException e) {
            throw NioFailures.of(e, path, position + total);
        }
    }

    @Override
    public void write(ByteBuffer source, long position) {
        long at = position;
        try {
            while (source.hasRemaining()) at += channel.write(source, at);
        } catch (IOException e) {
            throw NioFailures.of(e, path, at);
        }
    }

    @Override
    public void force(boolean metadata) {
        try {
            channel.force(metadata);
        } catch (IOException e) {
            String detail = String.valueOf(e.getMessage());
            throw new StoreException(StoreError.FLUSH_FAILED, path, StoreException.NO_OFFSET, detail, e);
        }
    }

    @Override
    public long size() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw NioFailures.of(e, path, StoreException.NO_OFFSET);
        }
    }

    @Override
    public void truncate(long sizeBytes) {
        try {
            channel.truncate(sizeBytes);
        } catch (IOException e) {
            throw NioFailures.of(e, path, sizeBytes);
        }
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw NioFailures.of(e, path, StoreException.NO_OFFSET);
        }
    }
}
