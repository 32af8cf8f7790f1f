package org.larchmq.server.security;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.larchmq.broker.settings.Authenticator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks users against the users file. Called by event loops: passwords are hashed on a few threads of its own, with a
 * bounded queue; what was right lately is answered at once, and connections that log in at the same time with the same
 * credentials share one hash. A user that does not exist costs as much as a wrong password.
 */
public final class PasswordAuthenticator implements Authenticator, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PasswordAuthenticator.class);
    private static final int MAX_WAITING = 1_000;
    private static final int MAX_REMEMBERED = 1_000;
    private static final int REFRESH_MILLIS = 1_000;

    private final boolean anonymousAllowed;
    private final LocalSecret localSecret;
    private final UsersFile file;
    private final PasswordHash nobody;
    private final RecentSuccesses recent;
    private final Map<String, CompletableFuture<Boolean>> underWay = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor hashing;
    private final ScheduledThreadPoolExecutor refreshing;

    /** @throws UsersFileException when the users file is there and cannot be used */
    public PasswordAuthenticator(boolean anonymousAllowed, LocalSecret localSecret, Path usersFile) {
        SecureRandom random = new SecureRandom();
        this.anonymousAllowed = anonymousAllowed;
        this.localSecret = localSecret;
        file = new UsersFile(usersFile);
        nobody = PasswordHash.ofNobody(random);
        recent = new RecentSuccesses(MAX_REMEMBERED, random);
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        hashing = new ThreadPoolExecutor(
                threads,
                threads,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                daemons("larchmq-passwords"));
        hashing.allowCoreThreadTimeOut(true);
        refreshing = new ScheduledThreadPoolExecutor(1, daemons("larchmq-users-file"));
        refreshing.scheduleWithFixedDelay(file::refresh, REFRESH_MILLIS, REFRESH_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public CompletionStage<Boolean> authenticate(String user, String password) {
        if (user.isEmpty()) return CompletableFuture.completedFuture(anonymousAllowed);
        if (user.equals(LocalSecret.USER)) return CompletableFuture.completedFuture(localSecret.matches(password));
        String digest = recent.digest(user, password);
        if (recent.contains(digest, file.users())) return CompletableFuture.completedFuture(true);
        return hash(digest, user, password);
    }

    /** How many credentials are remembered. */
    int remembered() {
        return recent.size();
    }

    /** Waits for nothing: checks under way are answered with a failure or not at all. */
    @Override
    public void close() {
        refreshing.shutdownNow();
        hashing.shutdownNow();
    }

    private CompletionStage<Boolean> hash(String digest, String user, String password) {
        CompletableFuture<Boolean> mine = new CompletableFuture<>();
        CompletableFuture<Boolean> earlier = underWay.putIfAbsent(digest, mine);
        if (earlier != null) return earlier;
        try {
            hashing.execute(() -> check(digest, user, password, mine));
        } catch (RejectedExecutionException e) {
            underWay.remove(digest);
            mine.completeExceptionally(new RejectedExecutionException(
                    MAX_WAITING + " logins wait already to have their passwords checked; try again later", e));
        }
        return mine;
    }

    private void check(String digest, String user, String password, CompletableFuture<Boolean> answer) {
        try {
            file.refresh(); // a user added a moment ago can log in now
            Users users = file.users();
            boolean right = users.hashOf(user).orElse(nobody).matches(password);
            if (right) recent.add(digest, users);
            underWay.remove(digest); // after it is remembered: a login in between hashes once more or finds it
            answer.complete(right);
        } catch (RuntimeException e) {
            underWay.remove(digest);
            answer.completeExceptionally(e);
            LOG.error("Could not check a password", e);
        }
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
