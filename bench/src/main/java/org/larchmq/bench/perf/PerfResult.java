package org.larchmq.bench.perf;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * @param leftByOthers messages of an earlier run, consumed and not counted
 * @param undelivered what had not arrived when deliveries stood still; negative: more arrived than was sent; null: unknown
 */
record PerfResult(
        PerfSettings settings,
        double sendSeconds,
        long sent,
        double receiveSeconds,
        long received,
        Long undelivered,
        long leftByOthers,
        long errors,
        String firstError,
        Histogram send,
        Histogram endToEnd) {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

    boolean isClean() {
        return errors == 0 && (undelivered == null || undelivered == 0);
    }

    double sentPerSecond() {
        return sendSeconds > 0 ? sent / sendSeconds : 0;
    }

    double receivedPerSecond() {
        return receiveSeconds > 0 ? received / receiveSeconds : 0;
    }

    String table() {
        var text = new StringBuilder();
        text.append('\n').append(settings.describe()).append('\n');
        text.append(line("%-12s %,12d messages in %6.1f s  %,12.0f/s%n", "sent", sent, sendSeconds, sentPerSecond()));
        text.append(line(
                "%-12s %,12d messages in %6.1f s  %,12.0f/s%n",
                "received", received, receiveSeconds, receivedPerSecond()));
        text.append(line(
                "%n%-12s %10s %10s %10s %10s %10s %10s%n",
                "latency, µs", "p50", "p90", "p99", "p99.9", "p99.99", "max"));
        text.append(row(settings.transactionSize() > 0 ? "commit" : "send", send));
        text.append(row("end to end", endToEnd));
        if (leftByOthers > 0) text.append(line("%nconsumed %,d messages of an earlier run%n", leftByOthers));
        if (undelivered != null && undelivered > 0) text.append(line("%nNOT DELIVERED: %,d messages%n", undelivered));
        if (undelivered != null && undelivered < 0)
            text.append(line("%nDELIVERED TWICE: %,d messages%n", -undelivered));
        if (errors > 0) text.append(line("%nERRORS: %,d, the first: %s%n", errors, firstError));
        return text.toString();
    }

    private static String row(String name, Histogram histogram) {
        if (histogram.getTotalCount() == 0) return "";
        var text = new StringBuilder(line("%-12s", name));
        for (double p : PERCENTILES) text.append(line(" %,10.0f", histogram.getValueAtPercentile(p) / 1e3));
        return text.append(line(" %,10.0f%n", histogram.getMaxValue() / 1e3)).toString();
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("destination", settings.destination());
        map.put("topic", settings.topic());
        map.put("producers", settings.producers());
        map.put("consumers", settings.consumers());
        map.put("sizeBytes", settings.sizeBytes());
        map.put("ratePerSecond", settings.ratePerSecond());
        map.put("asyncWindow", settings.asyncWindow());
        map.put("transactionSize", settings.transactionSize());
        map.put("persistent", settings.persistent());
        map.put("sent", sent);
        map.put("sentPerSecond", sentPerSecond());
        map.put("received", received);
        map.put("receivedPerSecond", receivedPerSecond());
        map.put("undelivered", undelivered);
        map.put("errors", errors);
        map.put("firstError", firstError);
        map.put("sendMicros", percentiles(send));
        map.put("endToEndMicros", percentiles(endToEnd));
        return map;
    }

    private static Map<String, Object> percentiles(Histogram histogram) {
        if (histogram.getTotalCount() == 0) return null;
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("count", histogram.getTotalCount());
        map.put("mean", histogram.getMean() / 1e3);
        for (double p : PERCENTILES) {
            String name = "p" + (p == Math.rint(p) ? Integer.toString((int) p) : Double.toString(p));
            map.put(name, histogram.getValueAtPercentile(p) / 1e3);
        }
        map.put("max", histogram.getMaxValue() / 1e3);
        return map;
    }
}
