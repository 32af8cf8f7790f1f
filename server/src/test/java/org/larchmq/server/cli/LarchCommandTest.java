package org.larchmq.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.larchmq.server.process.RunningBroker;
import org.larchmq.server.security.LocalSecret;
import org.larchmq.server.security.PasswordAuthenticator;
import picocli.CommandLine;

class LarchCommandTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "start                                     | 2 | Missing required option: '--data=DIR'",
                "start --data d --prot 1                   | 2 | --prot",
                "start --dta x                             | 2 | unknown option '--dta'",
                "start --dta=x                             | 2 | did you mean '--data'?",
                "start --data pom.xml                      | 2 | pom.xml cannot be the data directory",
                "start --data pom.xml/a/b                  | 2 | pom.xml is a file",
                "queue                                     | 2 | one of list, delete is missing",
                "queue lst --data d                        | 2 | lst",
                "queue list --data no-such-directory       | 3 | no broker is running on no-such-directory",
                "consumer list --port 1                    | 3 | nothing listens at 127.0.0.1:1",
                "status --port 70000                       | 2 | --port is '70000', which is not a whole number from 1 to 65535",
                "status --port abc                         | 2 | --port is 'abc', which is not a whole number from 1 to 65535",
                "queue list --port abc                     | 2 | Remedy: give one",
                "queue list --data d --limit many          | 2 | --limit is 'many', which is not a whole number of 1 or more",
                "stop --data d --timeout soon              | 2 | --timeout is 'soon', which is not a whole number",
                "messages                                  | 2 | --data",
                "messages orders --data no-such            | 3 | no broker is running on no-such",
                "messages orders --data pom.xml            | 2 | pom.xml cannot be the data directory",
                "messages orders --data d --limit 0        | 2 | --limit is '0', which is not",
                "verify --data pom.xml                     | 2 | pom.xml cannot be the data directory",
                "repair --data pom.xml                     | 2 | pom.xml cannot be the data directory",
                "user add bob --data pom.xml               | 2 | pom.xml cannot be the data directory",
                "user list --data pom.xml/deeper           | 2 | is a file. Remedy: choose another directory",
                "transactions list --data pom.xml          | 2 | pom.xml cannot be the data directory",
                "queue delete q --data pom.xml             | 2 | pom.xml cannot be the data directory",
                "queue list --port 1 --data d              | 2 | one of --data and --port is to be given, and once",
                "stop --data pom.xml                       | 2 | pom.xml cannot be the data directory: ",
                "status --data pom.xml                     | 2 | pom.xml cannot be the data directory: ",
                "status --host nosuch.invalid --port 5     | 1 | there is no host 'nosuch.invalid'",
                "queue list --data d --limit 0             | 2 | --limit is '0', which is not a whole number of 1 or more",
                "queue list --data d -o xml                | 2 | xml",
                "queue delete --data d                     | 2 | NAME",
                "subscription delete a --data no-such      | 3 | no broker is running on no-such",
                "start --data d --port abc                 | 2 | --port: network.port must be a whole number",
                "start --data d --set store.flsh=sync      | 2 | did you mean 'store.flush'?",
                "start --data d --set store.flush          | 2 | must be key=value",
                "start --data d --config no.yaml           | 2 | the configuration file no.yaml does not exist",
                "strat                                     | 2 | did you mean 'larchmq start'?",
                "''                                        | 2 | a command is missing",
                "stop --data no-such-directory             | 3 | no broker is running on no-such-directory",
                "status --data no-such-directory           | 3 | no broker is running on no-such-directory",
                "status --port 1                           | 3 | nothing listens at 127.0.0.1:1",
                "status                                    | 2 | --data",
                "transactions list --data no-such-directory | 3 | no broker is running on no-such-directory",
                "transactions commit --data no-such-directory | 2 | needs the branch",
                "transactions list                         | 2 | --data",
                "verify --data no-such-directory           | 1 | there is no directory no-such-directory",
                "repair --data no-such-directory           | 1 | there is no directory no-such-directory",
                "config --set network.port=70000           | 2 | network.port must be from 0 to 65535",
                "user remove bob --data no-such-directory  | 1 | there is no user 'bob'",
                "user add $x --data no-such-directory      | 2 | the broker's own",
                "user                                      | 2 | one of add, remove and list is missing",
                "quickstart                                | 1 | runs from the distribution"
            })
    void aMistakeGetsOneSentenceAndItsExitCode(String arguments, int exitCode, String sentence) {
        assertThat(execute(arguments.isEmpty() ? new String[0] : arguments.split(" +")))
                .isEqualTo(exitCode);
        assertThat(err.toString()).startsWith("larchmq: ").contains(sentence).doesNotContain("\tat ");
        assertThat(err.toString().lines().count()).isLessThanOrEqualTo(3);
    }

    @Test
    void aNameThatIsFarFromEveryOtherIsNotTakenForOne() {
        assertThat(execute("stop", "--port", "5680")).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString()).contains("unknown option '--port'").doesNotContain("did you mean");
    }

    @Test
    void debugShowsTheStackTraceToo() {
        assertThat(execute("verify", "--data", "no-such-directory", "--debug")).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString()).startsWith("larchmq: there is no directory").contains("\tat ");
    }

    @Test
    void helpAndVersionAreAnswers() {
        assertThat(execute("--help")).isZero();
        assertThat(out.toString())
                .contains(
                        "start", "stop", "status", "transactions", "config", "user", "verify", "repair", "quickstart");
        assertThat(execute("--version")).isZero();
        assertThat(out.toString()).contains("LarchMQ ").contains("on Java");
    }

    @Test
    void configShowsEverySettingWithItsOrigin() throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), "store:\n  flush: async\n");

        assertThat(execute("config", "--config", file.toString(), "--port", "0", "--set", "limits.maxMessage=1MiB"))
                .isZero();

        assertThat(out.toString().lines().map(line -> line.replaceAll(" +", " ")))
                .contains(
                        "network.host 127.0.0.1 default",
                        "network.port 0 --port",
                        "store.flush async " + file + ":2",
                        "limits.maxMessage 1MiB --set");
    }

    @Test
    void usersAreAddedListedAndRemoved() {
        String data = directory.toString();

        assertThat(withInput("secret\n", "user", "add", "alice", "--data", data))
                .isZero();
        assertThat(withInput("other\n", "user", "add", "alice", "--data", data)).isZero();
        assertThat(out.toString()).contains("Added user 'alice'", "Changed the password of user 'alice'");
        assertThat(withInput("\n", "user", "add", "bob", "--data", data)).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString()).contains("the password must not be empty");

        out.getBuffer().setLength(0);
        assertThat(execute("user", "list", "--data", data)).isZero();
        assertThat(out.toString().strip()).isEqualTo("alice");

        assertThat(execute("user", "remove", "alice", "--data", data)).isZero();
        out.getBuffer().setLength(0);
        assertThat(execute("user", "list", "--data", data)).isZero();
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aByteOrderMarkIsNoPartOfAPipedPassword() throws Exception {
        String data = directory.toString();
        assertThat(withInput("\uFEFFsecret\n", "user", "add", "alice", "--data", data))
                .isZero();
        Path file = directory.resolve("users.yaml");
        try (PasswordAuthenticator users = new PasswordAuthenticator(false, LocalSecret.random(), file)) {
            assertThat(users.authenticate("alice", "secret")
                            .toCompletableFuture()
                            .get(30, TimeUnit.SECONDS))
                    .isTrue();
        }
        assertThat(withInput("\uFEFF\n", "user", "add", "bob", "--data", data)).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void theUsersFileIsTheConfiguredOne() {
        assertThat(withInput(
                        "secret\n",
                        "user",
                        "add",
                        "alice",
                        "--data",
                        directory.toString(),
                        "--set",
                        "security.usersFile=other.yaml"))
                .isZero();
        assertThat(directory.resolve("other.yaml")).exists();
        assertThat(directory.resolve("users.yaml")).doesNotExist();
    }

    @Test
    void statusTellsACrashFromAnOrderlyStop() throws IOException {
        RunningBroker here = RunningBroker.here("127.0.0.1", 1, "");
        new RunningBroker(here.pid(), "ticks-1", here.host(), here.port(), here.started(), true, "").write(directory);

        assertThat(execute("status", "--data", directory.toString())).isEqualTo(ExitCodes.NOT_RUNNING);
        assertThat(err.toString()).contains("process " + here.pid() + ", ended without an orderly stop");
    }

    private int withInput(String input, String... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return execute(arguments);
        } finally {
            System.setIn(before);
        }
    }

    private int execute(String... arguments) {
        CommandLine commandLine = LarchCommand.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
