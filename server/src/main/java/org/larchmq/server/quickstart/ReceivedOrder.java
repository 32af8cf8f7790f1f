package org.larchmq.server.quickstart;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One line of the sample ReceiveOrders: {@code received order 7, JMSRedelivered false}. */
record ReceivedOrder(int number, boolean redelivered) {
    private static final Pattern LINE = Pattern.compile("received order (\\d{1,9}), JMSRedelivered (true|false)");

    static List<ReceivedOrder> in(List<String> lines) {
        return lines.stream()
                .map(ReceivedOrder::parse)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<ReceivedOrder> parse(String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) return Optional.empty();
        return Optional.of(
                new ReceivedOrder(Integer.parseInt(matcher.group(1)), Boolean.parseBoolean(matcher.group(2))));
    }
}
