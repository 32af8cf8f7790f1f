package org.larchmq.server.cli;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.larchmq.server.config.ConfigException;
import org.larchmq.server.config.EditDistance;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** {@code larchmq}: the list of commands, and how they report errors. */
@Command(
        name = "larchmq",
        description = "A Jakarta Messaging broker on a commit log.",
        mixinStandardHelpOptions = true,
        versionProvider = LarchCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            StartCommand.class,
            StopCommand.class,
            StatusCommand.class,
            MessagesCommand.class,
            TransactionsCommand.class,
            ConfigCommand.class,
            UserCommand.class,
            VerifyCommand.class,
            RepairCommand.class,
            QuickstartCommand.class
        })
public final class LarchCommand implements Runnable {
    /** Commands of other modules that are on the class path of the distribution, by name and class. */
    private static final List<Map.Entry<String, String>> ELSEWHERE = List.of(
            Map.entry("perf", "org.larchmq.bench.perf.PerfCommand"), Map.entry("rig", "org.larchmq.bench.rig.AllRigs"));

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "On an error, show the stack trace too.")
    private boolean debug;

    private LarchCommand() {}

    /** The whole command line, ready to execute. */
    public static CommandLine commandLine() {
        LarchCommand root = new LarchCommand();
        CommandLine commandLine = new CommandLine(root);
        GroupCommand.addAllTo(commandLine);
        for (Map.Entry<String, String> command : ELSEWHERE) addIfPresent(commandLine, command);
        commandLine.setParameterExceptionHandler(LarchCommand::wrongArguments);
        commandLine.setExecutionExceptionHandler(root::failed);
        return commandLine;
    }

    /** Letters in which a word may differ from the one that was meant. */
    private static final int MOST_MISTYPED = 2;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static void addIfPresent(CommandLine commandLine, Map.Entry<String, String> command) {
        try {
            Object instance =
                    Class.forName(command.getValue()).getDeclaredConstructor().newInstance();
            commandLine.addSubcommand(command.getKey(), instance);
        } catch (ReflectiveOperationException | LinkageError e) {
            // a server without the bench module has no such command, and says so like of any unknown one
        }
    }

    private static int wrongArguments(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        Optional<String> unknown = isAboutAWord(e) ? Optional.empty() : unknownOption(command, arguments);
        String mistake = e instanceof CommandLine.MaxValuesExceededException
                ? "one of --data and --port is to be given, and once"
                : firstLine(e.getMessage());
        err.println("larchmq: "
                + unknown.map(name -> "unknown option '" + name + "'").orElse(mistake));
        Optional<String> meant = unknown.isPresent()
                ? nearest(unknown.get(), command.getCommandSpec().optionsMap().keySet())
                : nearestCommand(e).map(name -> "larchmq " + name);
        meant.ifPresent(name -> err.println("did you mean '" + name + "'?"));
        err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCodes.USAGE;
    }

    private static boolean isAboutAWord(ParameterException e) {
        return e instanceof CommandLine.UnmatchedArgumentException mistake
                && !mistake.getUnmatched().get(0).startsWith("-");
    }

    /** A mistyped option is the mistake, whatever is missing because of it. */
    private static Optional<String> unknownOption(CommandLine command, String[] arguments) {
        Set<String> known = command.getCommandSpec().optionsMap().keySet();
        for (int i = 0; i < arguments.length && !arguments[i].equals("--"); i++) {
            String name = arguments[i].split("=", 2)[0];
            if (!name.startsWith("--")) continue;
            if (!known.contains(name)) return Optional.of(name);
            boolean valueFollows = !arguments[i].contains("=")
                    && command.getCommandSpec().optionsMap().get(name).arity().max() > 0;
            if (valueFollows) i++;
        }
        return Optional.empty();
    }

    private static Optional<String> nearestCommand(ParameterException e) {
        if (!(e instanceof CommandLine.UnmatchedArgumentException mistake)) return Optional.empty();
        String word = mistake.getUnmatched().get(0);
        if (word.startsWith("-")) return Optional.empty();
        return nearest(word, e.getCommandLine().getSubcommands().keySet());
    }

    private static Optional<String> nearest(String word, Set<String> names) {
        return names.stream()
                .filter(name -> EditDistance.of(word, name) <= MOST_MISTYPED)
                .min(Comparator.comparingInt(name -> EditDistance.of(word, name)));
    }

    private int failed(Exception e, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        boolean expected = e.getMessage() != null && !isMistakeOfOurs(e);
        err.println("larchmq: " + (expected ? e.getMessage() : "unexpected " + e + "; --debug shows where"));
        if (debug) e.printStackTrace(err);
        if (e instanceof CommandException known) return known.exitCode();
        return e instanceof ConfigException ? ExitCodes.USAGE : ExitCodes.FAILED;
    }

    /** Exceptions that never carry a sentence for an operator. */
    private static boolean isMistakeOfOurs(Exception e) {
        return e.getClass().getName().startsWith("java.lang.");
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("the arguments cannot be used");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = LarchCommand.class.getPackage().getImplementationVersion();
            String java = System.getProperty("java.version");
            return new String[] {"LarchMQ " + (version == null ? "(not packaged)" : version) + " on Java " + java};
        }
    }
}
