package org.larchmq.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsersTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = directory.resolve("users.yaml");
    }

    @Test
    void whatIsWrittenReadsBackAndOnlyTheOwnerMayReadIt() throws IOException {
        Users.NONE
                .with("alice", PasswordHash.of("secret", 10, RANDOM))
                .with("böb: 'x'", PasswordHash.of("pässword", 10, RANDOM))
                .with("1234", PasswordHash.of("number", 10, RANDOM))
                .write(file);

        Users read = Users.read(file);

        assertThat(read.byName().keySet()).containsExactly("1234", "alice", "böb: 'x'");
        assertThat(read.hashOf("alice").orElseThrow().matches("secret")).isTrue();
        assertThat(read.hashOf("böb: 'x'").orElseThrow().matches("pässword")).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aMissingFileMeansNoUsers() {
        assertThat(Users.read(file).byName()).isEmpty();
    }

    @Test
    void aDamagedFileIsNamedAndItsHashesAreNotShown() throws IOException {
        String hash = PasswordHash.of("secret", 10, RANDOM).text();
        for (String text : new String[] {
            "users: {alice: " + hash, "users: [alice]", "alice: " + hash, "users: {alice: 'x" + hash + "'}", "- a"
        }) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> Users.read(file))
                    .as(text)
                    .isInstanceOf(UsersFileException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("Remedy")
                    .hasMessageNotContaining(hash.substring(hash.length() - 20));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", " alice", "alice ", "a\nb", "$local"})
    void someNamesAreRefused(String name) {
        assertThatThrownBy(() -> Users.checkName(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "secret",
                "md5$1$a$b",
                "pbkdf2-sha256$0$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "pbkdf2-sha256$99999999$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "pbkdf2-sha256$10$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "pbkdf2-sha256$10$AAAAAAAAAAAAAAAAAAAAAA==$!",
                "pbkdf2-sha256$10$AAAAAAAAAAAAAAAAAAAAAA==$AAAA"
            })
    void someHashesAreRefused(String text) {
        assertThatThrownBy(() -> PasswordHash.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aHashMatchesItsPasswordOnly() {
        PasswordHash hash =
                PasswordHash.parse(PasswordHash.of("secret", 1_000, RANDOM).text());

        assertThat(hash.matches("secret")).isTrue();
        assertThat(hash.matches("Secret")).isFalse();
        assertThat(hash.matches("")).isFalse();
    }

    @Test
    void theSamePasswordHashesDifferentlyEveryTime() {
        assertThat(PasswordHash.of("secret", 10, RANDOM).text())
                .isNotEqualTo(PasswordHash.of("secret", 10, RANDOM).text());
    }

    @Test
    void theHashIsPbkdf2WithHmacSha256() {
        // computed with Python: hashlib.pbkdf2_hmac('sha256', b'secret', bytes(16), 1000)
        String text = "pbkdf2-sha256$1000$AAAAAAAAAAAAAAAAAAAAAA==$" + KNOWN;
        assertThat(PasswordHash.parse(text).matches("secret")).isTrue();
    }

    private static final String KNOWN = "AkYsQLg1WVW2sQ8m+tSg6vMnKdmKRLxP8/X30HK/IPU=";
}
