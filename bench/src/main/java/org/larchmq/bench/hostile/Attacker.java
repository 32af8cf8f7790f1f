package org.larchmq.bench.hostile;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.larchmq.bench.support.DurationConverter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs one attack after the other, several at once, and says what became of each, a line each. The rig starts it in a
 * process of its own. Exit code 1 when an attack got what it must not get.
 */
@Command(name = "attacker", hidden = true)
public final class Attacker implements Callable<Integer> {
    /** How a line begins that reports an attack that must not succeed. */
    public static final String VIOLATION = "VIOLATION ";

    @Option(names = "--port", required = true)
    private int port;

    @Option(names = "--time", required = true, converter = DurationConverter.class)
    private Duration time;

    @Option(names = "--each", defaultValue = "15s", converter = DurationConverter.class)
    private Duration each;

    @Option(names = "--only", defaultValue = "")
    private String only;

    @Option(names = "--seed", defaultValue = "1")
    private long seed;

    @Override
    public Integer call() throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        boolean violated = false;
        for (int round = 0; System.nanoTime() < end; round++) {
            for (Attack attack : Attacks.all(seed + round)) {
                if (!attack.name().contains(only)) continue;
                if (System.nanoTime() >= end) break;
                violated |= one(attack, Math.min(end, System.nanoTime() + each.toNanos()));
            }
        }
        return violated ? 1 : 0;
    }

    private boolean one(Attack attack, long until) throws InterruptedException {
        long start = System.nanoTime();
        String outcome;
        boolean violated = false;
        try {
            outcome = attack.run(port, until);
        } catch (Attack.Succeeded e) {
            outcome = VIOLATION + e.getMessage();
            violated = true;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) { // the broker has ended it
            outcome = "ended by " + e;
        }
        say(List.of(attack.name(), outcome, (System.nanoTime() - start) / 1_000_000 + " ms"));
        return violated;
    }

    private static void say(List<String> parts) {
        System.out.println(String.join(" | ", parts));
        System.out.flush();
    }
}
