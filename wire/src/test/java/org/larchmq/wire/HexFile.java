package org.larchmq.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Bytes kept in a file to be read by people: hexadecimal digits, "text" in quotes, white space, # comments. */
final class HexFile {
    private HexFile() {}

    /** The file {@code golden/<name>.hex}. */
    static byte[] golden(String name) {
        try (InputStream file = HexFile.class.getResourceAsStream("golden/" + name + ".hex")) {
            if (file == null) throw new AssertionError("no file golden/" + name + ".hex");
            return parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static byte[] parse(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        text.lines().forEach(line -> parseLine(line, bytes));
        return bytes.toByteArray();
    }

    private static void parseLine(String line, ByteArrayOutputStream bytes) {
        int i = 0;
        while (i < line.length() && line.charAt(i) != '#') {
            char c = line.charAt(i);
            if (c == '"') {
                int end = line.indexOf('"', i + 1);
                bytes.writeBytes(line.substring(i + 1, end).getBytes(StandardCharsets.UTF_8));
                i = end + 1;
            } else if (Character.isWhitespace(c)) {
                i++;
            } else {
                bytes.write(Integer.parseInt(line.substring(i, i + 2), 16));
                i += 2;
            }
        }
    }
}
