package org.larchmq.server.security;

/** The file of users cannot be used. The message names the file and the remedy. */
public final class UsersFileException extends RuntimeException {
    UsersFileException(String message) {
        super(message);
    }
}
