package org.larchmq.tck.conformance;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From the sections of the specification to the tests that prove them, read off the annotations. */
final class ConformanceTable {
    private static final String PACKAGE = ConformanceTable.class.getPackageName();
    private static final Map<String, String> CHAPTERS = new TreeMap<>(Map.of(
            "2", "Architecture",
            "3", "Messages",
            "4", "Queues and topics",
            "5", "Administered objects",
            "6", "Connections and sessions",
            "7", "Sending",
            "8", "Receiving",
            "9", "Reliability and the domain-specific interfaces",
            "10", "Exceptions",
            "11", "Application server facilities"));

    /** Test methods and the number of tests they make, by section and class. */
    private final Map<String, Map<String, Integer>> tests = new TreeMap<>(bySection());

    private final Set<String> names = new HashSet<>();
    private final List<String> withoutSection = new ArrayList<>();

    static ConformanceTable ofSuite() throws IOException, URISyntaxException, ReflectiveOperationException {
        Path root = Path.of(ConformanceTable.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> names;
        try (Stream<Path> files = Files.walk(root.resolve(PACKAGE.replace('.', '/')))) {
            names = files.map(file -> root.relativize(file).toString().replace('/', '.'))
                    .filter(name -> name.endsWith("Test.class") && !name.contains("$"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .filter(name -> !name.equals(ConformanceTableTest.class.getName()))
                    .sorted()
                    .toList();
        }
        ConformanceTable table = new ConformanceTable();
        for (String name : names) table.add(Class.forName(name));
        return table;
    }

    private void add(Class<?> type) throws ReflectiveOperationException {
        for (Class<?> part = type; part != Object.class; part = part.getSuperclass()) {
            for (Method method : part.getDeclaredMethods()) {
                int count = count(method);
                if (count > 0) add(type, method, count);
            }
        }
    }

    private void add(Class<?> type, Method method, int count) {
        names.add(type.getSimpleName() + "." + method.getName());
        Section section = method.getAnnotation(Section.class);
        if (section == null) section = type.getAnnotation(Section.class);
        if (section == null) {
            withoutSection.add(type.getSimpleName() + "." + method.getName());
            return;
        }
        tests.computeIfAbsent(section.value(), s -> new TreeMap<>()).merge(type.getSimpleName(), count, Integer::sum);
    }

    private static int count(Method method) throws ReflectiveOperationException {
        if (method.isAnnotationPresent(Test.class)) return 1;
        if (!method.isAnnotationPresent(ParameterizedTest.class)) return 0;
        MethodSource source = method.getAnnotation(MethodSource.class);
        if (source != null) return count(method.getDeclaringClass(), source.value()[0]);
        ValueSource values = method.getAnnotation(ValueSource.class);
        if (values != null) {
            int count =
                    values.strings().length + values.ints().length + values.longs().length + values.booleans().length;
            if (count > 0) return count;
        }
        EnumSource constants = method.getAnnotation(EnumSource.class);
        if (constants != null) return ((Class<?>) method.getParameterTypes()[0]).getEnumConstants().length;
        throw new AssertionError("do not know how many tests " + method + " makes");
    }

    private static int count(Class<?> type, String factoryName) throws ReflectiveOperationException {
        Method factory = type.getDeclaredMethod(factoryName);
        factory.setAccessible(true);
        Object made = factory.invoke(null);
        return made instanceof List<?> list ? list.size() : (int) ((Stream<?>) made).count();
    }

    int total() {
        return tests.values().stream()
                .flatMap(classes -> classes.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** Class and method of every test. */
    Set<String> names() {
        return names;
    }

    List<String> withoutSection() {
        return withoutSection;
    }

    String toMarkdown() {
        StringBuilder text = new StringBuilder("\n| section | tests | in |\n|---|---:|---|\n");
        String chapter = "";
        for (var section : tests.entrySet()) {
            String chapterOfSection = section.getKey().split("\\.")[0];
            if (!chapterOfSection.equals(chapter)) {
                chapter = chapterOfSection;
                text.append("| **%s %s** | **%d** | |%n".formatted(chapter, CHAPTERS.get(chapter), totalOf(chapter)));
            }
            List<String> classes = new ArrayList<>();
            section.getValue().forEach((name, count) -> classes.add(name + " " + count));
            int count = section.getValue().values().stream()
                    .mapToInt(Integer::intValue)
                    .sum();
            text.append("| %s | %d | %s |%n".formatted(section.getKey(), count, String.join(", ", classes)));
        }
        return text.append("| **all** | **%d** | |%n%n".formatted(total())).toString();
    }

    private int totalOf(String chapter) {
        return tests.entrySet().stream()
                .filter(section -> section.getKey().split("\\.")[0].equals(chapter))
                .flatMap(section -> section.getValue().values().stream())
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** 3.10 comes after 3.9. */
    private static Comparator<String> bySection() {
        return (one, two) -> {
            String[] left = one.split("\\.");
            String[] right = two.split("\\.");
            for (int i = 0; i < Math.min(left.length, right.length); i++) {
                int compared = Integer.compare(Integer.parseInt(left[i]), Integer.parseInt(right[i]));
                if (compared != 0) return compared;
            }
            return Integer.compare(left.length, right.length);
        };
    }
}
