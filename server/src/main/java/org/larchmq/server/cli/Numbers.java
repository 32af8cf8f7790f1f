package org.larchmq.server.cli;

/** Numbers on the command line, which a person types: what is none is told with what would be one. */
final class Numbers {
    private static final int MOST_PORT = 65_535;

    private Numbers() {}

    /** @throws CommandException USAGE */
    static int atLeastOne(String option, String text) {
        return between(option, text, 1, Integer.MAX_VALUE, "a whole number of 1 or more");
    }

    /** @throws CommandException USAGE */
    static int port(String option, String text) {
        return between(option, text, 1, MOST_PORT, "a whole number from 1 to " + MOST_PORT);
    }

    private static int between(String option, String text, int least, int most, String what) {
        try {
            int number = Integer.parseInt(text.strip());
            if (number >= least && number <= most) return number;
        } catch (NumberFormatException e) {
            // told below
        }
        throw new CommandException(
                ExitCodes.USAGE, "%s is '%s', which is not %s. Remedy: give one".formatted(option, text, what));
    }
}
