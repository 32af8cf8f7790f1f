package org.larchmq.bench.space;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Begins holdings of random kinds and sizes and ends random ones, so that what waits wanders between nothing and a limit; in
 * a thread of its own. At the end all that is left is taken.
 */
public final class Holdings {
    private static final long PAUSE_MILLIS = 150;

    private final Access access;
    private final Random random;
    private final long limitBytes;
    private final int delayMaxMillis;
    private final List<Holding> open = new ArrayList<>(); // guarded by itself
    private final Thread thread = new Thread(this::run, "holdings");
    private volatile boolean stopping;
    private volatile Exception failure;
    private volatile long begun;
    private volatile long ended;
    private volatile long beginningBytes;

    /** @param limitBytes about so much waits at most */
    public Holdings(
            ConnectionFactory factory, ConnectionFactory xaFactory, long seed, long limitBytes, int delayMaxMillis) {
        access = new Access(factory, xaFactory);
        random = new Random(seed);
        this.limitBytes = limitBytes;
        this.delayMaxMillis = delayMaxMillis;
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Bytes that surely wait at this moment. */
    public long waitingBytes() {
        synchronized (open) {
            return open.stream().mapToLong(Holding::bytes).sum();
        }
    }

    /** Bytes that may wait: those of a holding that is being begun, too. */
    public long perhapsWaitingBytes() {
        return waitingBytes() + beginningBytes;
    }

    public String text() {
        return begun + " begun, " + ended + " ended";
    }

    /** What went wrong; null for nothing. */
    public Exception failure() {
        return failure;
    }

    private void run() {
        try (access) {
            while (!stopping) {
                step();
                Thread.sleep(PAUSE_MILLIS);
            }
            endAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            failure = e; // the top of a thread: the rig ends with it
        }
    }

    private void step() throws Exception {
        double wanted = limitBytes * (0.5 + 0.5 * Math.sin(System.nanoTime() / 60e9)); // goes up and down in minutes
        if (waitingBytes() < wanted) {
            begin();
        } else {
            Holding due = takeDue();
            if (due != null) end(due);
        }
    }

    private void begin() throws Exception {
        Holding next = next();
        beginningBytes = next.bytes();
        boolean began = false;
        try {
            began = next.begin(access);
        } catch (JMSException e) {
            if (!(next instanceof Holding.DeadQueue) && !(next instanceof Holding.AbsentSubscriber)) throw e;
            throw new IllegalStateException(next + " was refused: " + e.getMessage(), e);
        } finally {
            if (began) {
                begun++;
                synchronized (open) {
                    open.add(next);
                }
            }
            beginningBytes = 0;
        }
    }

    private Holding next() {
        String name = "space." + begun + "." + random.nextInt(1_000_000);
        int bodyBytes = random.nextInt(8) == 0 ? 100_000 + random.nextInt(300_000) : 50 + random.nextInt(4_000);
        int messages = bodyBytes > 50_000 ? 1 + random.nextInt(5) : 1 + random.nextInt(500);
        return switch (random.nextInt(5)) {
            case 0 -> new Holding.DeadQueue(name, messages, bodyBytes, 0);
            case 1 -> new Holding.DeadQueue(name, messages, bodyBytes, 1 + random.nextInt(delayMaxMillis));
            case 2 -> new Holding.PassedOver(name, messages, bodyBytes);
            case 3 -> new Holding.AbsentSubscriber(name, messages, bodyBytes);
            default -> new Holding.PreparedBranch(name, messages, bodyBytes, random.nextBoolean());
        };
    }

    private Holding takeDue() {
        long now = System.currentTimeMillis();
        synchronized (open) {
            List<Holding> due =
                    open.stream().filter(holding -> holding.isDue(now)).toList();
            return due.isEmpty() ? null : due.get(random.nextInt(due.size()));
        }
    }

    private void end(Holding holding) throws Exception {
        synchronized (open) {
            open.remove(holding); // from now on it may be taken
        }
        holding.end(access);
        ended++;
    }

    private void endAll() throws Exception {
        while (true) {
            Holding due = takeDue();
            if (due != null) {
                end(due);
                continue;
            }
            synchronized (open) {
                if (open.isEmpty()) return;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    /** Takes all that is left, and returns when it is done. */
    public void finish(long limitMillis) throws InterruptedException {
        stopping = true;
        thread.join(limitMillis);
        if (failure == null && thread.isAlive())
            failure = new IllegalStateException("not everything that waits is taken within " + limitMillis + " ms");
    }
}
