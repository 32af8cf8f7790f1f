package org.larchmq.broker.settings;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Decides who may connect. May answer from any thread; must not block the caller, which is an event loop. */
@FunctionalInterface
public interface Authenticator {
    /**
     * Who may do what only the operator of the broker may: whoever can read its data directory. To be let in with a proof
     * of that only.
     */
    String OPERATOR = "$local";

    /**
     * @param user     empty when the client gave none
     * @param password empty when the client gave none
     * @return true to let the client in. A stage that fails refuses it too: with a {@link
     *     java.util.concurrent.RejectedExecutionException} for want of room, and its text is told to the client
     */
    CompletionStage<Boolean> authenticate(String user, String password);

    /** Lets clients in that give no user; a user name is refused, since none is known. */
    static Authenticator anonymousOnly() {
        return (user, password) -> CompletableFuture.completedFuture(user.isEmpty());
    }
}
