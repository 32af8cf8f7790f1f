package org.larchmq.bench.hostile;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The attacks that are known, each a kind of its own. */
final class Attacks {
    private static final int TEMPORARY_QUEUE = 2;
    private static final int TOPIC = 1;
    private static final int QUEUE = 0;
    private static final int PERSISTENT = 1;
    private static final int TRACKED = 64;

    private Attacks() {}

    /** One of each. */
    static List<Attack> all(long seed) {
        return List.of(
                attack("frames before WELCOME", Attacks::framesBeforeWelcome),
                attack("damaged frames", (port, until) -> damagedFrames(port, until, new Random(seed))),
                attack("an ACK of repeated ranges", Attacks::repeatedRanges),
                attack("a browser on a deleted temporary queue", Attacks::browserOnDeleted),
                attack("ranges and parts larger than an entry", Attacks::largerThanAnEntry),
                attack("staged messages that are never committed", Attacks::idleTransactions),
                attack("uploads that never end", Attacks::idleUploads),
                attack("branches that time out", Attacks::branches),
                attack("output that nobody reads", Attacks::outputNobodyReads),
                attack("deliveries that nobody reads", Attacks::deliveriesNobodyReads),
                attack("logins with wrong passwords, and bytes behind them", Attacks::logins),
                attack("temporary queues without end", Attacks::temporaryQueues),
                attack("consumers with long selectors", Attacks::longSelectors),
                attack("selective subscribers of one topic", Attacks::selectiveSubscribers),
                attack("scans of a deep queue", Attacks::scans),
                attack("thousands of topic consumers that close", Attacks::closingConsumers),
                attack("connections that come and go", Attacks::comeAndGo),
                attack("somebody else's names", Attacks::somebodyElse),
                attack("handles that were not opened, tags that are not true", Attacks::handlesAndTags));
    }

    private interface Body {
        String run(int port, long until) throws Exception;
    }

    private static Attack attack(String name, Body body) {
        return new Attack() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String run(int port, long until) throws Exception {
                return body.run(port, until);
            }
        };
    }

    private static boolean goesOn(long until) {
        return System.nanoTime() < until;
    }

    private static void closeAll(List<RawPeer> peers) throws IOException {
        for (RawPeer peer : peers) peer.close();
    }

    // Kinds that stop a broker

    private static String framesBeforeWelcome(int port, long until) throws IOException {
        int rounds = 0;
        byte[] ping = new FrameBytes(RawPeer.PING).end();
        byte[] status = new FrameBytes(RawPeer.ADMIN).i32(1).name("status").end();
        for (; goesOn(until); rounds++) {
            try (RawPeer peer = new RawPeer(port, 0)) {
                peer.send(peer.hello("", ""));
                for (int i = 0; i < 20; i++) peer.send(i % 2 == 0 ? ping : status);
                if (rounds % 3 == 0) continue;
                peer.read();
            } catch (IOException refused) {
                // as it may be
            }
        }
        return rounds + " connections";
    }

    private static String damagedFrames(int port, long until, Random random) throws IOException {
        int connections = 0;
        int frames = 0;
        while (goesOn(until)) {
            connections++;
            try (RawPeer peer = RawPeer.loggedIn(port)) {
                int handle = (int) peer.open(QUEUE, "hostile.damaged").value();
                long producer = peer.declareProducer();
                for (int i = 0; i < 50; i++, frames++) peer.send(damaged(peer, handle, producer, random));
            } catch (IOException refused) {
                // as it should be
            }
        }
        return connections + " connections, " + frames + " frames";
    }

    private static byte[] damaged(RawPeer peer, int handle, long producer, Random random) {
        byte[] message = RawPeer.message(producer, random.nextInt(100), PERSISTENT, 0, random.nextInt(200));
        List<byte[]> frames = List.of(
                RawPeer.sendFrame(RawPeer.SEND, 1, random.nextInt(3), handle, message, 1 + random.nextInt(3)),
                peer.createConsumer(random.nextInt(5), random.nextInt(2), "hostile.damaged", "a = 1", 0, 100),
                ack(
                        random.nextBoolean() ? RawPeer.ACK : RawPeer.RETURN,
                        random.nextInt(5),
                        1,
                        10,
                        1 + random.nextInt(3)),
                new FrameBytes(RawPeer.ROLLBACK).i32(1).i64(random.nextInt(3)).end(),
                new FrameBytes(RawPeer.DRAIN)
                        .i32(2)
                        .i32(random.nextInt(5))
                        .u8(1)
                        .end(),
                new FrameBytes(RawPeer.CLOSE_CONSUMER)
                        .i32(3)
                        .i32(random.nextInt(5))
                        .i64(3)
                        .end(),
                new FrameBytes(RawPeer.COMMIT)
                        .i32(3)
                        .i64(random.nextInt(3))
                        .u16(0)
                        .i32(0)
                        .end());
        byte[] frame = frames.get(random.nextInt(frames.size())).clone();
        if (random.nextInt(3) == 0) {
            int at = 4 + random.nextInt(frame.length - 4); // the length stays, so that the connection goes on
            frame[at] = (byte) random.nextInt();
        }
        return frame;
    }

    private static byte[] ack(int type, int consumerId, long from, int count, int ranges) {
        FrameBytes frame =
                new FrameBytes(type).i32(0).u8(0).u16(1).i32(consumerId).i64(0).i32(ranges);
        for (int i = 0; i < ranges; i++) frame.i64(from).i32(count);
        return frame.end();
    }

    private static String repeatedRanges(int port, long until) throws IOException {
        int rounds = 0;
        for (; goesOn(until); rounds++) {
            try (RawPeer peer = RawPeer.loggedIn(port)) {
                fill(peer, "hostile.ranges", 1000, 10);
                peer.send(peer.createConsumer(1, QUEUE, "hostile.ranges", "", 0, 2000));
                peer.reply();
                peer.send(ack(RawPeer.ACK, 1, 1, 1000, 300_000));
                peer.send(ack(RawPeer.RETURN, 1, 1, Integer.MAX_VALUE, 300_000));
                peer.open(QUEUE, "hostile.ranges");
            } catch (IOException refused) {
                // as it may be
            }
        }
        return rounds + " rounds";
    }

    /** Sends so many messages and waits until the broker has taken them. */
    private static void fill(RawPeer peer, String queue, int messages, int bodyBytes) throws IOException {
        int handle = (int) peer.open(QUEUE, queue).value();
        long producer = peer.declareProducer();
        byte[] message = RawPeer.message(producer, 1, 0, 0, bodyBytes);
        for (int sent = 0; sent < messages; sent += 100)
            peer.send(RawPeer.sendFrame(RawPeer.SEND, 1 + sent, 0, handle, message, 100));
        peer.open(QUEUE, queue);
    }

    private static String browserOnDeleted(int port, long until) throws IOException {
        int rounds = 0;
        for (; goesOn(until); rounds++) {
            try (RawPeer peer = RawPeer.loggedIn(port)) {
                RawPeer.Reply made = peer.open(TEMPORARY_QUEUE, "");
                if (!made.isOk()) return "refused: " + made.text();
                peer.send(peer.createConsumer(1, TEMPORARY_QUEUE, made.name(), "", 2, 0));
                peer.reply();
                peer.send(new FrameBytes(RawPeer.DELETE_DESTINATION)
                        .i32(peer.nextRequest())
                        .i32((int) made.value())
                        .end());
                peer.reply();
                peer.send(new FrameBytes(RawPeer.BROWSE)
                        .i32(peer.nextRequest())
                        .i32(1)
                        .i32(100)
                        .i32(1 << 20)
                        .end());
                peer.reply();
            } catch (RawPeer.Refused refused) {
                // as it may be
            }
        }
        return rounds + " rounds";
    }

    private static String largerThanAnEntry(int port, long until) throws IOException {
        int rounds = 0;
        for (; goesOn(until); rounds++) {
            try (RawPeer peer = RawPeer.loggedIn(port)) {
                fill(peer, "hostile.entry", 2000, 10);
                peer.send(peer.createConsumer(1, QUEUE, "hostile.entry", "", 0, 4000));
                peer.reply();
                FrameBytes scattered = new FrameBytes(RawPeer.ACK)
                        .i32(0)
                        .u8(0)
                        .u16(1)
                        .i32(1)
                        .i64(0)
                        .i32(1000);
                for (int i = 0; i < 1000; i++) scattered.i64(1 + 2L * i).i32(1);
                peer.send(scattered.end());
                byte[] part = new byte[4_000_000];
                peer.send(new FrameBytes(RawPeer.PART)
                        .i32(0)
                        .i32(part.length)
                        .raw(part)
                        .end());
                peer.open(QUEUE, "hostile.entry");
            } catch (IOException refused) {
                // as it may be
            }
        }
        return rounds + " rounds";
    }

    // Kinds that take it all

    private static String idleTransactions(int port, long until) throws Exception {
        List<RawPeer> peers = new ArrayList<>();
        long staged = 0;
        String refusal = "never refused";
        try {
            while (goesOn(until) && peers.size() < 20) {
                RawPeer peer = RawPeer.loggedIn(port);
                peers.add(peer);
                int handle = (int) peer.open(QUEUE, "hostile.staged").value();
                long producer = peer.declareProducer();
                byte[] message = RawPeer.message(producer, 1, PERSISTENT, 0, 20);
                Thread reader = drain(peer);
                try {
                    for (int tx = 1; tx <= 10 && goesOn(until); tx++) {
                        for (int i = 0; i < 30; i++, staged += 1000)
                            peer.send(RawPeer.sendFrame(RawPeer.SEND, 1 + i * 1000L, tx, handle, message, 1000));
                    }
                } catch (IOException refused) {
                    refusal = "a connection was ended";
                }
                reader.interrupt();
            }
            while (goesOn(until)) Thread.sleep(100);
        } catch (RawPeer.Refused e) {
            refusal = e.getMessage();
        } finally {
            closeAll(peers);
        }
        return staged + " messages sent into transactions; " + refusal;
    }

    private static Thread drain(RawPeer peer) {
        Thread thread = new Thread(() -> {
            try {
                while (true) peer.read();
            } catch (IOException over) {
                // the peer is closed
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static String idleUploads(int port, long until) throws Exception {
        List<RawPeer> peers = new ArrayList<>();
        byte[] part = new byte[64 << 10];
        try {
            for (int i = 0; i < 50; i++) {
                RawPeer peer = RawPeer.loggedIn(port);
                peers.add(peer);
                for (int at = 0; at < 16; at++)
                    peer.send(new FrameBytes(RawPeer.PART)
                            .i32(at * part.length)
                            .i32(part.length)
                            .raw(part)
                            .end());
            }
            while (goesOn(until)) Thread.sleep(100);
        } finally {
            closeAll(peers);
        }
        return peers.size() + " uploads left open";
    }

    private static String branches(int port, long until) throws IOException {
        int rounds = 0;
        for (; goesOn(until); rounds++) {
            try (RawPeer peer = RawPeer.loggedIn(port)) {
                int handle = (int) peer.open(QUEUE, "hostile.xa").value();
                byte[] message = RawPeer.message(peer.declareProducer(), 1, PERSISTENT, 0, 1000);
                for (int i = 1; i <= 100; i++) {
                    peer.send(new FrameBytes(RawPeer.XA_START)
                            .i32(peer.nextRequest())
                            .i32(7)
                            .u8(4)
                            .i32(rounds * 1000 + i)
                            .u8(1)
                            .u8(1)
                            .u8(0)
                            .i64(i)
                            .i32(20)
                            .end());
                    if (!peer.reply().isOk()) break;
                    peer.send(RawPeer.sendFrame(RawPeer.SEND, 1 + 10L * i, i, handle, message, 10));
                }
                peer.open(QUEUE, "hostile.xa");
            } catch (IOException refused) {
                // as it may be
            }
        }
        return rounds + " rounds";
    }

    private static String outputNobodyReads(int port, long until) throws Exception {
        List<RawPeer> peers = new ArrayList<>();
        FrameBytes many = new FrameBytes(RawPeer.ADMIN).i32(1).name("status");
        byte[] one = many.end();
        byte[] frames = new byte[one.length * 500];
        for (int i = 0; i < 500; i++) System.arraycopy(one, 0, frames, i * one.length, one.length);
        List<Thread> writers = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                RawPeer peer = new RawPeer(port, 4096);
                peers.add(peer);
                peer.logIn();
                Thread writer = new Thread(() -> {
                    try {
                        while (goesOn(until)) peer.send(frames);
                    } catch (IOException ended) {
                        // the broker has ended it, or the attack is over
                    }
                });
                writer.setDaemon(true);
                writer.start();
                writers.add(writer);
            }
            while (goesOn(until)) Thread.sleep(100);
        } finally {
            closeAll(peers);
        }
        return peers.size() + " connections asked and did not read";
    }

    private static String deliveriesNobodyReads(int port, long until) throws Exception {
        List<RawPeer> peers = new ArrayList<>();
        try (RawPeer sender = RawPeer.loggedIn(port)) {
            for (int i = 0; i < 100; i++) {
                RawPeer peer = new RawPeer(port, 4096);
                peers.add(peer);
                peer.logIn();
                peer.send(peer.createConsumer(1, TOPIC, "hostile.news", "", 16, 1 << 20));
                peer.reply();
            }
            int handle = (int) sender.open(TOPIC, "hostile.news").value();
            byte[] message = RawPeer.message(sender.declareProducer(), 1, 0, 0, 50_000);
            drain(sender);
            long sequence = 1;
            while (goesOn(until)) {
                sender.send(RawPeer.sendFrame(RawPeer.SEND, sequence, 0, handle, message, 4));
                sequence += 4;
                Thread.sleep(20);
            }
            return sequence + " messages of 50 kB to 100 deaf subscribers";
        } catch (IOException refused) {
            return "ended: " + refused.getMessage();
        } finally {
            closeAll(peers);
        }
    }

    private static String logins(int port, long until) throws Exception {
        List<RawPeer> peers = new ArrayList<>();
        int logins = 0;
        byte[] chunk = new byte[64 << 10];
        try {
            while (goesOn(until)) {
                RawPeer peer = new RawPeer(port, 0);
                peers.add(peer);
                logins++;
                try {
                    peer.send(peer.hello("u" + logins, "wrong"));
                    for (int i = 0; i < 4; i++) peer.send(chunk);
                } catch (IOException ended) {
                    // as it should be
                }
                if (peers.size() < 40) continue;
                closeAll(peers);
                peers.clear();
            }
        } finally {
            closeAll(peers);
        }
        return logins + " logins";
    }

    private static String temporaryQueues(int port, long until) throws Exception {
        try (RawPeer peer = RawPeer.loggedIn(port)) {
            int made = 0;
            while (goesOn(until)) {
                RawPeer.Reply reply = peer.open(TEMPORARY_QUEUE, "");
                if (reply.isOk()) {
                    made++;
                    continue;
                }
                while (goesOn(until)) Thread.sleep(100);
                return made + " made, then: " + reply.text();
            }
            return made + " made";
        }
    }

    private static String longSelectors(int port, long until) throws Exception {
        StringBuilder names = new StringBuilder("p IN ('" + "x".repeat(28) + "0'");
        for (int i = 1; i < 240; i++)
            names.append(",'").append("x".repeat(25)).append(i).append('\'');
        String selector = names.append(')').toString();
        try (RawPeer peer = RawPeer.loggedIn(port)) {
            for (int i = 1; goesOn(until); i++) {
                peer.send(peer.createConsumer(i, QUEUE, "hostile.long", selector, 0, 10));
                RawPeer.Reply reply = peer.reply();
                if (reply.isOk()) continue;
                while (goesOn(until)) Thread.sleep(100);
                return i + " consumers, then: " + reply.text();
            }
            return "no refusal";
        }
    }

    private static String selectiveSubscribers(int port, long until) throws Exception {
        String selector = expensive();
        try (RawPeer peer = RawPeer.loggedIn(port);
                RawPeer sender = RawPeer.loggedIn(port)) {
            int subscribers = 0;
            String refusal = "";
            for (int i = 1; i <= 500 && refusal.isEmpty(); i++) {
                peer.send(peer.createConsumer(i, TOPIC, "hostile.selective", selector + " OR x = " + i, 16, 1000));
                RawPeer.Reply reply = peer.reply();
                if (reply.isOk()) subscribers++;
                else refusal = reply.text();
            }
            drain(peer);
            int handle = (int) sender.open(TOPIC, "hostile.selective").value();
            byte[] message = RawPeer.message(sender.declareProducer(), 1, 0, 0, 1000);
            drain(sender);
            long sequence = 1;
            for (; goesOn(until); sequence++) {
                sender.send(RawPeer.sendFrame(RawPeer.SEND, sequence, 0, handle, message, 1));
                Thread.sleep(5);
            }
            return subscribers + " subscribers, " + sequence + " messages " + refusal;
        }
    }

    private static String expensive() {
        StringBuilder text = new StringBuilder("p LIKE '%a%b%c%d%e%'");
        for (int i = 0; i < 40; i++) text.append(" OR q").append(i).append(" LIKE '%a%b%c%'");
        return text.toString();
    }

    private static String scans(int port, long until) throws Exception {
        try (RawPeer peer = RawPeer.loggedIn(port)) {
            fill(peer, "hostile.deep", 100_000, 100);
            for (int i = 1; i <= 20; i++) {
                peer.send(peer.createConsumer(i, QUEUE, "hostile.deep", "x = " + i, 0, 10));
                peer.reply();
            }
            peer.send(peer.createConsumer(100, QUEUE, "hostile.deep", expensive(), 2, 0));
            peer.reply();
            int asked = 0;
            while (goesOn(until)) {
                for (int i = 1; i <= 20; i++)
                    peer.send(new FrameBytes(RawPeer.DRAIN)
                            .i32(peer.nextRequest())
                            .i32(i)
                            .u8(0)
                            .end());
                peer.send(new FrameBytes(RawPeer.BROWSE)
                        .i32(peer.nextRequest())
                        .i32(100)
                        .i32(1000)
                        .i32(1 << 20)
                        .end());
                for (int i = 0; i < 21; i++) peer.reply();
                asked += 21;
            }
            // what waits there is taken away again
            peer.send(peer.createConsumer(101, QUEUE, "hostile.deep", "", 0, 0));
            return asked + " scans";
        }
    }

    private static String closingConsumers(int port, long until) throws IOException {
        int rounds = 0;
        for (; goesOn(until); rounds++) {
            try (RawPeer peer = RawPeer.loggedIn(port)) {
                for (int i = 1; i <= 4000; i++) {
                    peer.send(peer.createConsumer(i, TOPIC, "hostile.closing", "", 16, 10));
                    if (!peer.reply().isOk()) break;
                }
            }
        }
        return rounds + " rounds of up to 4,000";
    }

    private static String comeAndGo(int port, long until) throws IOException {
        int connections = 0;
        for (; goesOn(until); connections++) {
            try (RawPeer peer = new RawPeer(port, 0)) {
                if (connections % 2 == 0) peer.logIn();
                if (connections % 5 == 0) peer.send("GET / HTTP/1.1\r\n\r\n".getBytes());
            } catch (IOException refused) {
                // as it may be
            }
        }
        return connections + " connections";
    }

    // Kinds that pretend

    private static String somebodyElse(int port, long until) throws Exception {
        int tried = 0;
        while (goesOn(until)) {
            try (RawPeer victim = RawPeer.loggedIn(port)) {
                RawPeer.Reply inbox = victim.open(TEMPORARY_QUEUE, "");
                if (!inbox.isOk()) return "refused: " + inbox.text();
                long producer = victim.declareProducer();
                int handle = (int) victim.open(QUEUE, "hostile.victim").value();
                byte[] sent = RawPeer.message(producer, 1 + tried, PERSISTENT | TRACKED, 0, 10);
                victim.send(RawPeer.sendFrame(RawPeer.SEND, 1, 0, handle, sent, 1));
                victim.open(QUEUE, "hostile.victim");
                restore(port, inbox.name());
                victim.close();
                restore(port, inbox.name());
                resend(port, sent);
                outcome(port, producer);
                tried++;
            }
        }
        return tried + " victims";
    }

    private static void restore(int port, String name) throws Exception {
        try (RawPeer thief = RawPeer.loggedIn(port)) {
            thief.send(new FrameBytes(RawPeer.RESTORE_DESTINATION)
                    .i32(thief.nextRequest())
                    .u8(TEMPORARY_QUEUE)
                    .name(name)
                    .end());
            if (thief.reply().isOk()) throw new Attack.Succeeded("a stranger restored the temporary queue " + name);
        } catch (RawPeer.Refused refused) {
            // as it may be
        }
    }

    private static void resend(int port, byte[] message) throws Exception {
        try (RawPeer thief = RawPeer.loggedIn(port)) {
            int handle = (int) thief.open(QUEUE, "hostile.victim").value();
            thief.send(RawPeer.sendFrame(RawPeer.RESEND, 1, 0, handle, message, 1));
            int answer = thief.read().get();
            if (answer == (byte) 0x83) throw new Attack.Succeeded("a stranger sent as somebody else's producer");
        } catch (RawPeer.Refused refused) {
            // as it may be
        }
    }

    private static void outcome(int port, long producer) throws Exception {
        try (RawPeer thief = RawPeer.loggedIn(port)) {
            thief.send(new FrameBytes(RawPeer.TRANSACTION_OUTCOME)
                    .i32(thief.nextRequest())
                    .i64(producer)
                    .i64(1_000_000)
                    .i64(0)
                    .end());
            if (thief.reply().isOk()) throw new Attack.Succeeded("a stranger fenced somebody else's commits");
        } catch (RawPeer.Refused refused) {
            // as it may be
        }
    }

    private static String handlesAndTags(int port, long until) throws Exception {
        int tried = 0;
        while (goesOn(until)) {
            try (RawPeer owner = RawPeer.loggedIn(port);
                    RawPeer thief = RawPeer.loggedIn(port)) {
                int handle = (int) owner.open(QUEUE, "hostile.owner").value();
                long producer = thief.declareProducer();
                thief.send(RawPeer.sendFrame(
                        RawPeer.SEND, 1, 0, handle, RawPeer.message(producer, 1, PERSISTENT, 0, 10), 1));
                if (thief.read().get() == (byte) 0x83)
                    throw new Attack.Succeeded("a handle was used that this connection had not opened");
            } catch (RawPeer.Refused refused) {
                // as it may be
            }
            try (RawPeer liar = RawPeer.loggedIn(port)) {
                int handle = (int) liar.open(QUEUE, "hostile.tags").value();
                byte[] tagged = RawPeer.message(liar.declareProducer(), 1, 0, 4711, 10);
                liar.send(RawPeer.sendFrame(RawPeer.SEND, 1, 0, handle, tagged, 1));
                liar.open(QUEUE, "hostile.tags");
            } catch (RawPeer.Refused refused) {
                // as it may be
            }
            tried++;
        }
        return tried + " rounds";
    }
}
