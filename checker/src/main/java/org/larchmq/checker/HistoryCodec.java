package org.larchmq.checker;

import java.nio.charset.StandardCharsets;

/**
 * One record as one line of JSON: a flat object, fields with their default value left out.
 * | key  | field         | key | field      | key  | field              | key | field     |
 * | t    | tMonoNanos    | d   | dest       | r    | redelivered (1)    | ack | ackMode   |
 * | w    | wallMillis    | sub | sub        | c    | deliveryCount      | win | window    |
 * | p    | proc          | tx  | tx         | crc  | bodyCrc            | dur | durable (1) |
 * | s    | session       | m   | mode (N)   | id   | jmsId              | sel | selector  |
 * | op   | op            | pr  | priority   | exp  | expirationMillis   | f   | file      |
 * | ph   | phase         | ttl | ttlMillis  | dt   | deliveryTimeMillis | o   | offset    |
 * | mp, ms, md, mn | mid: producer, session (default: s), dest (default: d), seq | g | group | note | note |
 * | dl   | delayMillis   |
 */
final class HistoryCodec {
    private final StringBuilder line = new StringBuilder(256);

    /** The line with its line feed. */
    byte[] encode(HistoryRecord r) {
        line.setLength(0);
        line.append("{\"t\":").append(r.tMonoNanos());
        number("w", r.wallMillis(), 0);
        string("op", r.op().code());
        string("ph", r.phase().code());
        string("p", r.proc());
        string("s", r.session());
        string("d", r.dest());
        string("sub", r.sub());
        if (r.mid() != null) mid(r);
        string("tx", r.tx());
        if (r.mode() == Mode.NON_PERSISTENT) string("m", "N");
        number("pr", r.priority(), HistoryRecord.DEFAULT_PRIORITY);
        number("ttl", r.ttlMillis(), 0);
        number("dl", r.delayMillis(), 0);
        string("g", r.group());
        number("r", r.redelivered() ? 1 : 0, 0);
        number("c", r.deliveryCount(), -1);
        number("crc", r.bodyCrc(), -1);
        string("id", r.jmsId());
        number("exp", r.expirationMillis(), 0);
        number("dt", r.deliveryTimeMillis(), 0);
        if (r.ackMode() != null) string("ack", r.ackMode().name());
        number("win", r.window(), 0);
        number("dur", r.durable() ? 1 : 0, 0);
        string("sel", r.selector());
        string("f", r.file());
        number("o", r.offset(), -1);
        string("note", r.note());
        return line.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private void mid(HistoryRecord r) {
        Mid mid = r.mid();
        string("mp", mid.producer());
        if (!mid.session().equals(r.session())) string("ms", mid.session());
        if (!mid.dest().equals(r.dest())) string("md", mid.dest());
        line.append(",\"mn\":").append(mid.seq());
    }

    private void number(String key, long value, long standard) {
        if (value != standard) line.append(",\"").append(key).append("\":").append(value);
    }

    private void string(String key, String value) {
        if (value == null) return;
        line.append(",\"").append(key).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') line.append('\\').append(c);
            else if (c < ' ') line.append(String.format("\\u%04x", (int) c));
            else line.append(c);
        }
        line.append('"');
    }

    // Reading: a parser for exactly this shape, because ten million lines are read per run.

    private byte[] in;
    private int at;
    private int end;
    private final String[] known = new String[1 << 12];

    /** Throws IllegalArgumentException or ArrayIndexOutOfBoundsException when the bytes are not one whole record. */
    HistoryRecord decode(byte[] bytes, int from, int to) {
        in = bytes;
        at = from;
        end = to;
        long t = 0;
        long w = 0;
        Op op = null;
        Phase phase = null;
        String proc = null;
        String session = null;
        String dest = null;
        String mp = null;
        String ms = null;
        String md = null;
        long mn = -1;
        HistoryRecord.Builder rest = null;
        expect('{');
        while (true) {
            String key = string();
            expect(':');
            switch (key) {
                case "t" -> t = number();
                case "w" -> w = number();
                case "op" -> op = Op.ofCode(string());
                case "ph" -> {
                    phase = Phase.ofCode(string());
                    if (op == null) throw new IllegalArgumentException("op must come before ph");
                    rest = HistoryRecord.of(op, phase);
                }
                case "p" -> proc = string();
                case "s" -> session = string();
                case "d" -> dest = string();
                case "mp" -> mp = string();
                case "ms" -> ms = string();
                case "md" -> md = string();
                case "mn" -> mn = number();
                default -> field(rest, key);
            }
            if (next() == ',') continue;
            at--;
            expect('}');
            break;
        }
        if (at != end) throw new IllegalArgumentException("text after the record");
        if (rest == null) throw new IllegalArgumentException("record without op and phase");
        rest.at(t, w).proc(proc).session(session).dest(dest);
        if (mp != null) rest.mid(new Mid(mp, ms == null ? session : ms, md == null ? dest : md, mn));
        return rest.build();
    }

    private void field(HistoryRecord.Builder r, String key) {
        if (r == null) throw new IllegalArgumentException("op and ph must come first");
        switch (key) {
            case "sub" -> r.sub(string());
            case "tx" -> r.tx(string());
            case "m" -> {
                if (!string().equals("N")) throw new IllegalArgumentException("m can only be N");
                r.mode(Mode.NON_PERSISTENT);
            }
            case "pr" -> r.priority((int) number());
            case "ttl" -> r.ttlMillis(number());
            case "dl" -> r.delayMillis(number());
            case "g" -> r.group(string());
            case "r" -> r.redelivered(number() == 1);
            case "c" -> r.deliveryCount((int) number());
            case "crc" -> r.bodyCrc(number());
            case "id" -> r.jmsId(string());
            case "exp" -> r.expirationMillis(number());
            case "dt" -> r.deliveryTimeMillis(number());
            case "ack" -> r.ackMode(AckMode.valueOf(string()));
            case "win" -> r.window((int) number());
            case "dur" -> r.durable(number() == 1);
            case "sel" -> r.selector(string());
            case "f" -> r.file(string());
            case "o" -> r.offset(number());
            case "note" -> r.note(string());
            default -> throw new IllegalArgumentException("unknown key " + key);
        }
    }

    private byte next() {
        if (at >= end) throw new IllegalArgumentException("the line ends too early");
        return in[at++];
    }

    private void expect(char c) {
        if (next() != c) throw new IllegalArgumentException("expected " + c + " at column " + at);
    }

    private long number() {
        boolean negative = at < end && in[at] == '-';
        if (negative) at++;
        long value = 0;
        int first = at;
        while (at < end && in[at] >= '0' && in[at] <= '9') value = value * 10 + in[at++] - '0';
        if (at == first) throw new IllegalArgumentException("expected a number at column " + at);
        return negative ? -value : value;
    }

    private String string() {
        expect('"');
        int first = at;
        int hash = 0;
        byte c;
        while ((c = next()) != '"') {
            if (c == '\\') return escaped(first);
            hash = hash * 31 + c;
        }
        return pooled(first, at - 1 - first, hash);
    }

    /** Most strings of a history repeat: names of sessions, destinations, producers. */
    private String pooled(int first, int length, int hash) {
        int slot = (hash ^ hash >>> 12) & known.length - 1;
        String candidate = known[slot];
        if (candidate != null && same(candidate, first, length)) return candidate;
        String fresh = new String(in, first, length, StandardCharsets.UTF_8);
        known[slot] = fresh;
        return fresh;
    }

    private boolean same(String candidate, int first, int length) {
        if (candidate.length() != length) return false;
        for (int i = 0; i < length; i++) {
            if (candidate.charAt(i) != in[first + i]) return false; // non-ASCII never matches, and is read anew
        }
        return true;
    }

    private String escaped(int first) {
        var text = new java.io.ByteArrayOutputStream();
        at = first;
        byte c;
        while ((c = next()) != '"') {
            if (c != '\\') {
                text.write(c);
                continue;
            }
            byte kind = next();
            if (kind == 'u') {
                if (at + 4 > end) throw new IllegalArgumentException("the line ends too early");
                text.write(Integer.parseInt(new String(in, at, 4, StandardCharsets.US_ASCII), 16));
                at += 4;
            } else if (kind == '"' || kind == '\\') {
                text.write(kind);
            } else throw new IllegalArgumentException("unknown escape at column " + at);
        }
        return text.toString(StandardCharsets.UTF_8);
    }
}
