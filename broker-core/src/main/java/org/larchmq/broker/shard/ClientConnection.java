package org.larchmq.broker.shard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.larchmq.broker.delivery.Browser;
import org.larchmq.broker.delivery.ClientLink;
import org.larchmq.broker.delivery.Consumer;
import org.larchmq.broker.state.Destination;
import org.larchmq.message.Compression;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.ClientIdentity;

/** What the shard knows of one connection; all of it ends with the connection. Shard thread only. */
public final class ClientConnection {
    private static final int MOST_PRODUCERS = 65_536;

    private final ClientLink link;
    private final ClientIdentity identity;
    private final String user;
    private final String description;
    private final Map<Integer, Consumer> consumers = new HashMap<>();
    private final Map<Integer, Browser> browsers = new HashMap<>(0);
    private final Map<Integer, Integer> selectorChars = new HashMap<>(0);
    private long allSelectorChars;
    private final Map<Long, OpenTransaction> transactions = new HashMap<>();
    private final Map<Integer, Long> producers = new HashMap<>(4);
    private final Set<Long> producerIds = new HashSet<>(4);
    private long lastProducer; // 0: none
    private String owner;
    private final List<Destination> temporary = new ArrayList<>(0);
    private final Map<Integer, Destination> opened = new HashMap<>(4);
    private int openedBeforeLookingForGone = 64;
    private Destination lastOpened;
    private final String anonymousName;
    private final long number;
    private String clientId;
    private LargeUpload upload;
    private final StagedShares.Share staged = new StagedShares.Share();
    private int compressions = Compression.ALL;
    private boolean closed;
    private boolean isHeld;
    private int takenOfFrame;
    private int takenUpTo;
    private long batchBytes;
    private long batchOf;

    /** Messages of a transaction that are staged in the log. */
    static final class OpenTransaction {
        private final boolean branch;
        private long logId;
        long bytes;
        int messages;
        long touchedNanos;
        private long begunNanos;
        private boolean hasBegun;
        private String givenUpBecause;

        private OpenTransaction(boolean branch) {
            this.branch = branch;
        }

        /** Something of it is staged now, perhaps the first. */
        void begun(long nowNanos) {
            if (!hasBegun) begunNanos = nowNanos;
            hasBegun = true;
        }

        /** Since when something of it is staged. */
        long begunNanos() {
            return begunNanos;
        }

        /** Of one connection. */
        static OpenTransaction local() {
            return new OpenTransaction(false);
        }

        /** Of a branch of a distributed transaction, for which several connections may work. */
        static OpenTransaction ofBranch() {
            return new OpenTransaction(true);
        }

        boolean isBranch() {
            return branch;
        }

        /** Its messages are forgotten already: it cannot be committed any more. */
        void giveUp(String because) {
            givenUpBecause = because;
        }

        /** Null while it can be committed. */
        String givenUpBecause() {
            return givenUpBecause;
        }

        /** Its number in the log, which it gets when its first entry is about to be written. */
        long logId(TransactionNumbers numbers) {
            if (logId == 0) logId = numbers.next();
            return logId;
        }

        /** Whether it has a number. */
        boolean isStarted() {
            return logId != 0;
        }

        boolean isEmpty() {
            return messages == 0;
        }
    }

    /**
     * @param identity      names that only this client can use
     * @param user          who has logged in; empty for nobody
     * @param description   for the log: who it is
     * @param clientId      empty for none
     * @param anonymousName how it is told apart as a publisher while it has no client id; no client id can be like it
     * @param number        increasing, since the broker was started
     */
    ClientConnection(
            ClientLink link,
            ClientIdentity identity,
            String user,
            String description,
            String clientId,
            String anonymousName,
            long number) {
        this.link = link;
        this.identity = identity;
        this.user = user;
        this.description = description;
        this.clientId = clientId;
        this.anonymousName = anonymousName;
        this.number = number;
    }

    /** Increasing, since the broker was started. */
    long number() {
        return number;
    }

    /** Its client has asked for a destination by name, and may use it by its handle from now on. */
    void opened(Destination destination, IntPredicate exists) {
        opened.put(destination.id(), destination);
        if (opened.size() < openedBeforeLookingForGone) return;
        opened.keySet().removeIf(handle -> !exists.test(handle));
        openedBeforeLookingForGone = Math.max(64, 2 * opened.size());
    }

    /** What its client has opened with this handle, which may not exist any more; null for nothing. */
    Destination opened(int handle) {
        if (lastOpened == null || lastOpened.id() != handle) lastOpened = opened.get(handle);
        return lastOpened;
    }

    /** Empty for none. */
    String clientId() {
        return clientId;
    }

    /** Once at most; that nobody else has it was checked. */
    public void clientId(String chosen) {
        clientId = chosen;
    }

    /** Who its messages come from: its client, whatever connection it has. */
    String publisher() {
        return clientId.isEmpty() ? anonymousName : clientId;
    }

    /** How messages that it sends may be compressed: what it was told. */
    int compressions() {
        return compressions;
    }

    public void compressions(int permitted) {
        compressions = permitted;
    }

    ClientLink link() {
        return link;
    }

    /** Names that only this client can use. */
    ClientIdentity identity() {
        return identity;
    }

    /**
     * The client sends as this producer from now on.
     *
     * @throws ProtocolException LIMIT_REACHED
     */
    void declareProducer(int index) {
        if (producers.size() >= MOST_PRODUCERS && !producers.containsKey(index)) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_REACHED,
                    "a connection has " + MOST_PRODUCERS + " producers; close those that are not needed any more");
        }
        declareProducer(index, identity.producerId(index));
    }

    void declareProducer(int index, long id) {
        producers.put(index, id);
        producerIds.add(id);
    }

    /** The client sends as this producer no more. */
    void producerClosed(int index) {
        Long id = producers.remove(index);
        if (id != null) producerIds.remove(id);
        lastProducer = 0;
    }

    /**
     * Checks that the client has declared a producer on this connection: nobody else can.
     *
     * @throws ProtocolException PROTOCOL
     */
    void checkProducer(long producerId) {
        if (producerId == lastProducer && producerId != 0) return;
        if (!producerIds.contains(producerId)) {
            throw new ProtocolException(
                    ErrorCode.PROTOCOL,
                    "producer " + Long.toHexString(producerId) + " was not declared on this connection (PRODUCER)");
        }
        lastProducer = producerId;
    }

    /** What its temporary destinations have in their names. */
    String owner() {
        if (owner == null) owner = identity.owner();
        return owner;
    }

    /** Who has logged in; empty for nobody. */
    String user() {
        return user;
    }

    /** Null when there is none of this id. */
    Consumer consumer(int consumerId) {
        return consumers.get(consumerId);
    }

    Map<Integer, Consumer> consumers() {
        return consumers;
    }

    Map<Integer, Browser> browsers() {
        return browsers;
    }

    /** Characters of the selectors of all its consumers and browsers. */
    long selectorChars() {
        return allSelectorChars;
    }

    /** A new consumer or browser has a selector of so many characters. */
    void hasSelector(int consumerId, int chars) {
        selectorChars.put(consumerId, chars);
        allSelectorChars += chars;
    }

    /** The end of a consumer or browser. Returns how many characters its selector had; 0 for none. */
    int endsSelector(int consumerId) {
        Integer chars = selectorChars.remove(consumerId);
        if (chars == null) return 0;
        allSelectorChars -= chars;
        return chars;
    }

    /** The end of all of them. */
    long endsSelectors() {
        long all = allSelectorChars;
        selectorChars.clear();
        allSelectorChars = 0;
        return all;
    }

    Map<Long, OpenTransaction> transactions() {
        return transactions;
    }

    /** What its transactions that are not decided have staged. */
    StagedShares.Share staged() {
        return staged;
    }

    List<Destination> temporary() {
        return temporary;
    }

    /** The large message that is coming in, null for none. */
    LargeUpload upload() {
        return upload;
    }

    /** The one before is given up. */
    void upload(LargeUpload next) {
        if (upload != null) upload.close();
        upload = next;
    }

    /**
     * What was done for it has made the log longer.
     *
     * @param commits batches that were committed before
     * @return bytes since the last of them
     */
    long appended(long bytes, long commits) {
        if (batchOf != commits) {
            batchOf = commits;
            batchBytes = 0;
        }
        return batchBytes += bytes;
    }

    /** So many messages of the frame that is being handled were taken in earlier turns, up to a place in it. */
    void frameTaken(int messages, int upTo) {
        takenOfFrame = messages;
        takenUpTo = upTo;
    }

    int takenOfFrame() {
        return takenOfFrame;
    }

    int takenUpTo() {
        return takenUpTo;
    }

    /** Nothing more is done for it until the log has committed what there is; true when that is new. */
    boolean hold() {
        if (isHeld || closed) return false;
        isHeld = true;
        link.hold();
        return true;
    }

    void goOn() {
        isHeld = false;
        if (!closed) link.goOn();
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
    }

    @Override
    public String toString() {
        return description;
    }
}
