package org.larchmq.server.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.larchmq.server.security.PasswordHash;
import org.larchmq.server.security.Users;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "user",
        description = {
            "Add, remove or list the users of a broker.",
            "A running broker takes changes for new connections within a second."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {UserCommand.Add.class, UserCommand.Remove.class, UserCommand.ListUsers.class})
final class UserCommand implements Runnable {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "one of add, remove and list is missing");
    }

    /** What the three have in common: the file, and how to say what was done. */
    private abstract static class OnUsersFile implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private DataOption data;

        @Mixin
        private SettingOptions settings;

        @Override
        public final Integer call() throws IOException {
            Path file = settings.load().usersFile(data.usable());
            run(file, Users.read(file));
            return ExitCodes.OK;
        }

        abstract void run(Path file, Users users) throws IOException;

        final void say(String line) {
            spec.commandLine().getOut().println(line);
        }
    }

    @Command(
            name = "add",
            description = {
                "Add a user, or give one a new password.",
                "The password is asked for, or read as one line from standard input when that is not a terminal."
            },
            mixinStandardHelpOptions = true)
    static final class Add extends OnUsersFile {
        @Parameters(paramLabel = "NAME", description = "The user's name.")
        private String name;

        @Override
        void run(Path file, Users users) throws IOException {
            checkName(name);
            boolean isNew = !users.byName().containsKey(name);
            PasswordHash hash = PasswordHash.of(readPassword(), PasswordHash.DEFAULT_ITERATIONS, new SecureRandom());
            users.with(name, hash).write(file);
            say((isNew ? "Added user '" : "Changed the password of user '") + name + "' in " + file);
        }
    }

    @Command(name = "remove", description = "Remove a user.", mixinStandardHelpOptions = true)
    static final class Remove extends OnUsersFile {
        @Parameters(paramLabel = "NAME", description = "The user's name.")
        private String name;

        @Override
        void run(Path file, Users users) throws IOException {
            if (!users.byName().containsKey(name)) {
                throw new CommandException(ExitCodes.FAILED, "there is no user '" + name + "' in " + file);
            }
            users.without(name).write(file);
            say("Removed user '" + name + "' from " + file + "; open connections stay open");
        }
    }

    @Command(name = "list", description = "List the users' names.", mixinStandardHelpOptions = true)
    static final class ListUsers extends OnUsersFile {
        @Override
        void run(Path file, Users users) {
            users.byName().keySet().forEach(this::say);
        }
    }

    private static void checkName(String name) {
        try {
            Users.checkName(name);
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCodes.USAGE, e.getMessage(), e);
        }
    }

    private static String readPassword() throws IOException {
        Console console = System.console();
        String password = console == null ? readLine() : prompt(console);
        if (password.isEmpty()) throw new CommandException(ExitCodes.USAGE, "the password must not be empty");
        return password;
    }

    private static String prompt(Console console) {
        char[] password = console.readPassword("Password: ");
        char[] again = console.readPassword("Again: ");
        if (password == null || again == null || !Arrays.equals(password, again)) {
            throw new CommandException(ExitCodes.USAGE, "the passwords differ; nothing was changed");
        }
        return new String(password);
    }

    private static String readLine() throws IOException {
        String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        if (line == null) return "";
        return line.startsWith(BYTE_ORDER_MARK)
                ? line.substring(1)
                : line; // some programs write one before what they pipe
    }
}
