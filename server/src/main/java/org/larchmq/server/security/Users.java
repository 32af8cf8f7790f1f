package org.larchmq.server.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.larchmq.message.Names;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** The users of a broker with their password hashes; immutable. In its file: {@code users: {name: hash}}. */
public final class Users {
    public static final Users NONE = new Users(new TreeMap<>());

    private static final String HEADING = """
            # LarchMQ users and password hashes. Kept with `larchmq user`; anyone who can read this file can try
            # passwords, so that it is readable by its owner only.
            """;

    private final SortedMap<String, PasswordHash> hashes;

    private Users(SortedMap<String, PasswordHash> hashes) {
        this.hashes = hashes;
    }

    /** @return the users in the file, none if there is no file. @throws UsersFileException naming the file */
    public static Users read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            return NONE;
        } catch (IOException e) {
            throw new UsersFileException("the users file " + file + " cannot be read: " + e.getMessage());
        }
        try {
            return of(new Load(LoadSettings.builder().build()).loadFromString(text));
        } catch (YamlEngineException | IllegalArgumentException e) {
            // the library's message quotes the text, which may hold hashes: only our own is passed on
            String why = e instanceof YamlEngineException ? "not valid YAML" : e.getMessage();
            throw new UsersFileException("the users file " + file + " is damaged: " + why
                    + ". Remedy: mend it, or delete it and add the users again with `larchmq user add`");
        }
    }

    public void write(Path file) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        hashes.forEach((name, hash) -> texts.put(name, hash.text()));
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setWidth(200)
                .build();
        PrivateFile.write(file, HEADING + new Dump(settings).dumpToString(Map.of("users", texts)));
    }

    /** @throws IllegalArgumentException when a user cannot be called this */
    public static String checkName(String name) {
        if (name.isBlank() || !name.equals(name.strip())) {
            throw new IllegalArgumentException("a user name must not be empty, nor begin or end with a space");
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > Names.MAX_NAME_BYTES) {
            throw new IllegalArgumentException("a user name has at most " + Names.MAX_NAME_BYTES + " bytes");
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a user name has no control characters");
        }
        if (name.startsWith("$")) throw new IllegalArgumentException("names that begin with $ are the broker's own");
        return name;
    }

    public SortedMap<String, PasswordHash> byName() {
        return java.util.Collections.unmodifiableSortedMap(hashes);
    }

    public Users with(String name, PasswordHash hash) {
        SortedMap<String, PasswordHash> changed = new TreeMap<>(hashes);
        changed.put(checkName(name), hash);
        return new Users(changed);
    }

    public Users without(String name) {
        SortedMap<String, PasswordHash> changed = new TreeMap<>(hashes);
        changed.remove(name);
        return new Users(changed);
    }

    Optional<PasswordHash> hashOf(String name) {
        return Optional.ofNullable(hashes.get(name));
    }

    private static Users of(Object document) {
        if (document == null) return NONE;
        if (!(document instanceof Map<?, ?> root) || !root.keySet().equals(java.util.Set.of("users"))) {
            throw new IllegalArgumentException("it must hold one section, users");
        }
        if (root.get("users") == null) return NONE;
        if (!(root.get("users") instanceof Map<?, ?> users)) {
            throw new IllegalArgumentException("users must be a list of 'name: hash' lines");
        }
        SortedMap<String, PasswordHash> hashes = new TreeMap<>();
        users.forEach((name, hash) -> {
            String user = checkName(String.valueOf(name));
            try {
                hashes.put(user, PasswordHash.parse(String.valueOf(hash)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("the password hash of '" + user + "' " + e.getMessage());
            }
        });
        return new Users(hashes);
    }
}
