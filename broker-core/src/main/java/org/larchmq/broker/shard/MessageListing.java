package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.larchmq.broker.delivery.Browser;
import org.larchmq.broker.delivery.ClientLink;
import org.larchmq.broker.journal.LargeBody;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;
import org.larchmq.message.Values;

/**
 * Says what waits in a queue, page by page, in the order of delivery, and takes nothing: a line for each message as in
 * {@link Listings}, whose {@code id} is where the next page can begin. The first line is that of the page, so that one on
 * which every message was settled meanwhile says how to go on. Shard thread only.
 */
final class MessageListing implements ClientLink {
    private static final String BEGIN = "begin";
    private static final int PAGE_LINES = 100;
    private static final int PAGE_BYTES = 256 * 1024;
    /** Characters of a property, of all properties, and bytes of the body. */
    private static final int VALUE_CHARS = 60, PROPERTIES_CHARS = 400, BODY_BYTES = 60;

    private static final String[] BODIES = {"none", "text", "bytes", "map", "stream", "object"};

    private final StringBuilder lines = new StringBuilder();
    private final ByteReader reader = new ByteReader(ByteBuffer.allocate(0));
    private Browser browser;

    /** @param from the id of a line; "begin" for the first page */
    static Listings.Page page(Shard shard, String queue, String from) {
        var destination = shard.state().find(false, queue);
        if (destination == null) {
            throw new ProtocolException(ErrorCode.INVALID_DESTINATION, "there is no queue '" + queue + "'");
        }
        MessageListing listing = new MessageListing();
        listing.browser = shard.newBrowser(listing, destination.onlySubscription());
        if (!from.equals(BEGIN)) listing.browser.beginAt(parse(from));
        boolean more = listing.browser.browse(PAGE_LINES, PAGE_BYTES);
        String next = more ? text(listing.browser.position()) : "";
        return new Listings.Page("next=" + next + "\n" + listing.lines, !more);
    }

    private static String text(Browser.Position position) {
        return position.priority() + "-" + position.nextLogged() + "-" + position.nextInMemory();
    }

    private static Browser.Position parse(String id) {
        String[] parts = id.split("-", -1);
        try {
            if (parts.length == 3)
                return new Browser.Position(
                        Integer.parseInt(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new IllegalArgumentException(
                "a page begins behind an id of the page before, such as 4-120-7; '" + id + "' is none");
    }

    @Override
    public void deliver(
            int consumerId, long sequence, int flags, int count, ByteBuffer buffer, int at, int size, Origin origin) {
        long sent = MessageLayout.timestampMillis(buffer, at);
        boolean large = MessageLayout.isLarge(buffer, at);
        field("id", text(browser.position()));
        field("message", messageId(buffer, at));
        field("sent", sent == 0 ? "" : Instant.ofEpochMilli(sent).toString());
        field("bytes", Long.toString(large ? (long) size + LargeBody.bodyBytes(buffer, at) : size));
        field("priority", Integer.toString(MessageLayout.priority(buffer, at)));
        field("persistent", Boolean.toString(MessageLayout.isPersistent(buffer, at)));
        field("deliveries", Integer.toString(count - 1));
        field("properties", properties(buffer, at));
        field("body", large ? "large " + type(buffer, at) : body(buffer, at, size));
        lines.setCharAt(lines.length() - 1, '\n');
    }

    private void field(String name, String value) {
        lines.append(name).append('=').append(Listings.printable(value)).append('\t');
    }

    private static String messageId(ByteBuffer buffer, int at) {
        return MessageLayout.messageId(MessageLayout.producerId(buffer, at), MessageLayout.sequence(buffer, at));
    }

    private String properties(ByteBuffer buffer, int at) {
        StringBuilder text = new StringBuilder();
        try {
            int from = MessageLayout.propertiesAt(buffer, at);
            reader.reset(buffer, from, from + buffer.getInt(at + MessageLayout.PROPERTY_SIZE));
            int count = reader.getUnsignedShort();
            for (int i = 0; i < count && text.length() < PROPERTIES_CHARS; i++) {
                if (i > 0) text.append(", ");
                text.append(cut(reader.getShortString(), VALUE_CHARS));
                text.append('=').append(cut(shown(Values.read(reader)), VALUE_CHARS));
            }
        } catch (ProtocolException e) {
            text.append("(malformed)");
        }
        return cut(text.toString(), PROPERTIES_CHARS);
    }

    private static String shown(Object value) {
        return value instanceof byte[] bytes ? bytes.length + " bytes" : String.valueOf(value);
    }

    private static String type(ByteBuffer buffer, int at) {
        return BODIES[buffer.get(at + MessageLayout.BODY_TYPE)];
    }

    /** The first bytes: of a text as they are, of anything else with dots for what is no letter. */
    private static String body(ByteBuffer buffer, int at, int size) {
        String type = type(buffer, at);
        if (MessageLayout.isCompressed(buffer, at)) {
            return type + " compressed with "
                    + MessageLayout.compression(buffer, at).text();
        }
        int from = MessageLayout.bodyAt(buffer, at);
        byte[] first = new byte[Math.max(0, Math.min(BODY_BYTES, at + size - from))];
        buffer.get(from, first);
        if (first.length == 0) return type;
        boolean isText = type.equals("text");
        String shown = new String(first, isText ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        if (!isText) shown = shown.replaceAll("[^ -~]", ".");
        else if (from + first.length < at + size) shown = shown.replaceAll("\uFFFD+$", ""); // half a character
        return type + " " + shown + (from + first.length < at + size ? "..." : "");
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most) + "...";
    }

    // ---- a link that only collects

    @Override
    public boolean isWritable() {
        return lines.length() < PAGE_BYTES;
    }

    @Override
    public void receipt(long sendSequence) {
        throw nobody();
    }

    @Override
    public void sendFailed(long sendSequence, ErrorCode code, String text) {
        throw nobody();
    }

    @Override
    public void reply(int requestId, ErrorCode code, String text, long value, String name) {
        throw nobody();
    }

    @Override
    public void recall(int consumerId) {
        throw nobody();
    }

    @Override
    public void flush() {}

    private static AssertionError nobody() {
        return new AssertionError("a listing asks for nothing that is answered so");
    }
}
