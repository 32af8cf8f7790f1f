package org.larchmq.tck.suite;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Which tests of the TCK are run: all that need no application server, or those of one group, class or method.
 *
 * <p>A selection is written {@code core20}, {@code core20/sessiontests}, {@code core/appclient/topictests},
 * {@code core20/sessiontests/ClientIT} or, for one test, {@code core20/sessiontests#NAME}. Dots may stand for slashes.
 */
public record Selection(String group, String method) {
    /** Everything that runs stand-alone. */
    public static final Selection ALL = new Selection("", "");

    static final String PREFIX = "com.sun.ts.tests.jms.";
    private static final List<String> STAND_ALONE = List.of(PREFIX + "core.", PREFIX + "core20.");

    /** @param text see above; empty for everything */
    public static Selection of(String text) {
        String trimmed = text.trim();
        int hash = trimmed.indexOf('#');
        String group = (hash < 0 ? trimmed : trimmed.substring(0, hash)).replace('/', '.');
        if (group.startsWith(PREFIX)) group = group.substring(PREFIX.length());
        return new Selection(group, hash < 0 ? "" : trimmed.substring(hash + 1));
    }

    public boolean isEverything() {
        return group.isEmpty() && method.isEmpty();
    }

    /** The names of the selected classes in the TCK's jar, sorted. */
    public List<String> classes(Path jar) throws IOException {
        return classesIn(jar).stream().filter(this::matches).toList();
    }

    /** Names of all stand-alone test classes. */
    public static Set<String> classesIn(Path jar) throws IOException {
        Set<String> names = new TreeSet<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : (Iterable<JarEntry>) file.stream()::iterator) {
                String name = entry.getName();
                if (!name.endsWith("IT.class") || name.contains("$")) continue;
                String type =
                        name.substring(0, name.length() - ".class".length()).replace('/', '.');
                if (STAND_ALONE.stream().anyMatch(type::startsWith)) names.add(type);
            }
        }
        return names;
    }

    private boolean matches(String type) {
        if (group.isEmpty()) return true;
        String name = type.substring(PREFIX.length());
        return name.equals(group) || name.startsWith(group + ".");
    }

    /** For example {@code core20.sessiontests} of a class: its package without what all have in common. */
    public static String groupOf(String type) {
        int dot = type.lastIndexOf('.');
        String name = dot < 0 ? type : type.substring(0, dot);
        return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    }
}
