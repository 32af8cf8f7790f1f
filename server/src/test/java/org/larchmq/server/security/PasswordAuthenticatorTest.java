package org.larchmq.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordAuthenticatorTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int FEW_ITERATIONS = 10;

    @TempDir
    private Path directory;

    private final LocalSecret secret = LocalSecret.random();
    private Path file;
    private PasswordAuthenticator authenticator;

    @BeforeEach
    void addAlice() throws IOException {
        file = directory.resolve("users.yaml");
        Users.NONE.with("alice", hash("secret")).write(file);
        authenticator = new PasswordAuthenticator(true, secret, file);
    }

    @AfterEach
    void close() {
        authenticator.close();
    }

    @Test
    void aUserIsLetInWithTheRightPasswordOnly() {
        assertThat(isLetIn("alice", "secret")).isTrue();
        assertThat(isLetIn("alice", "secret")).as("again, now remembered").isTrue();
        assertThat(isLetIn("alice", "wrong")).isFalse();
        assertThat(isLetIn("alice", "")).isFalse();
        assertThat(isLetIn("bob", "secret")).isFalse();
        assertThat(isLetIn("Alice", "secret")).isFalse();
    }

    @Test
    void onlyWhatWasRightIsRemembered() {
        isLetIn("alice", "wrong");
        isLetIn("nobody", "secret");
        assertThat(authenticator.remembered()).isZero();
        isLetIn("alice", "secret");
        assertThat(authenticator.remembered()).isEqualTo(1);
    }

    @Test
    void whoGivesNoNameIsLetInIfThatIsAllowed() {
        assertThat(isLetIn("", "")).isTrue();
        try (PasswordAuthenticator strict = new PasswordAuthenticator(false, secret, file)) {
            assertThat(strict.authenticate("", "").toCompletableFuture().join()).isFalse();
            assertThat(strict.authenticate("alice", "secret")
                            .toCompletableFuture()
                            .join())
                    .isTrue();
        }
    }

    @Test
    void theLocalSecretLetsItsUserInAndNobodyElse() {
        assertThat(isLetIn(LocalSecret.USER, secret.text())).isTrue();
        assertThat(isLetIn(LocalSecret.USER, LocalSecret.random().text())).isFalse();
        assertThat(isLetIn(LocalSecret.USER, "")).isFalse();
        assertThat(isLetIn("alice", secret.text())).isFalse();
    }

    @Test
    void aUserAddedWhileTheBrokerRunsIsLetInAtOnce() throws IOException {
        Users.read(file).with("bob", hash("other")).write(file);
        assertThat(isLetIn("bob", "other")).isTrue();
    }

    @Test
    void aChangedPasswordEndsWhatWasRemembered() throws IOException {
        assertThat(isLetIn("alice", "secret")).isTrue();
        Users.read(file).with("alice", hash("new")).write(file);
        assertThat(isLetIn("alice", "new")).as("makes it read the file").isTrue();
        assertThat(isLetIn("alice", "secret")).isFalse();
    }

    @Test
    void aFileThatBecomesUnusableLeavesTheUsersAsTheyWere() throws IOException {
        java.nio.file.Files.writeString(file, "users: [");
        assertThat(isLetIn("bob", "x")).as("makes it read the file").isFalse();
        assertThat(isLetIn("alice", "secret")).isTrue();
    }

    @Test
    void aThousandLoginsAtOnceShareTheWork() {
        List<CompletableFuture<Boolean>> answers = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            answers.add(authenticator.authenticate("alice", "secret").toCompletableFuture());
        }
        assertThat(answers)
                .allMatch(answer -> answer.orTimeout(30, TimeUnit.SECONDS).join());
    }

    @Test
    void rememberedCredentialsAreBounded() {
        RecentSuccesses recent = new RecentSuccesses(3, RANDOM);
        for (int i = 0; i < 10; i++) recent.add(recent.digest("user" + i, "x"), Users.NONE);
        assertThat(recent.size()).isEqualTo(3);
        assertThat(recent.contains(recent.digest("user9", "x"), Users.NONE)).isTrue();
        assertThat(recent.contains(recent.digest("user9", "y"), Users.NONE)).isFalse();
        assertThat(recent.contains(recent.digest("user0", "x"), Users.NONE)).isFalse();
    }

    private boolean isLetIn(String user, String password) {
        return authenticator
                .authenticate(user, password)
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
    }

    private static PasswordHash hash(String password) {
        return PasswordHash.of(password, FEW_ITERATIONS, RANDOM);
    }
}
