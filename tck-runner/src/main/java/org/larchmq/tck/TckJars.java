package org.larchmq.tck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.larchmq.tck.suite.Selection;

/**
 * The two jars of the TCK.
 *
 * @param tests  jakarta.tck:jms-tck, the tests
 * @param common jakarta.tck:common, the tools that they use
 */
record TckJars(Path tests, Path common) {
    static final String TESTS_VERSION = "11.0.3";
    static final String COMMON_VERSION = "11.1.0";

    private static final String JMS_TOOL = "com/sun/ts/tests/jms/common/JmsTool.class";
    private static final String REMEDY = """

            The official Jakarta Messaging TCK is not part of LarchMQ (its licence is EPL-2.0), and is not always to be had from a
            Maven repository. Remedy, one of:
              - let Maven fetch it into the local repository:
                  mvn dependency:get -Dtransitive=false -Dartifact=jakarta.tck:jms-tck:%1$s
                  mvn dependency:get -Dtransitive=false -Dartifact=jakarta.tck:common:%2$s
              - get both jars from the Jakarta EE Platform TCK 11 of the Eclipse Foundation, which they belong to, and pass:
                  --jar PATH/jms-tck-%1$s.jar --common PATH/common-%2$s.jar
              - build both from the sources of the project jakartaee/platform-tck (tcks/apis/messaging and common)\
            """.formatted(TESTS_VERSION, COMMON_VERSION);

    /**
     * Takes the given jars; what is not given from beside the tests, or else from the local Maven repository.
     *
     * @param tests  null if not given
     * @param common null if not given
     * @throws TckUnavailableException when one is missing or is something else
     */
    static TckJars locate(Path tests, Path common, Path localRepository) throws IOException {
        Path ofTests = tests != null ? tests : inRepository(localRepository, "jms-tck", TESTS_VERSION);
        Path beside = ofTests.resolveSibling("common-" + COMMON_VERSION + ".jar");
        Path ofCommon = common != null ? common : beside;
        if (common == null && !Files.exists(beside)) ofCommon = inRepository(localRepository, "common", COMMON_VERSION);
        check(ofTests, "the TCK's tests, jms-tck-" + TESTS_VERSION + ".jar (--jar)");
        check(ofCommon, "the TCK's tools, common-" + COMMON_VERSION + ".jar (--common)");
        if (Selection.classesIn(ofTests).isEmpty()) {
            throw new TckUnavailableException(
                    ofTests + " has no test classes com/sun/ts/tests/jms/core*/…IT.class, so it is not the jms-tck jar."
                            + REMEDY);
        }
        if (!contains(ofCommon, JMS_TOOL)) {
            throw new TckUnavailableException(
                    ofCommon + " has no " + JMS_TOOL + ", so it is not the TCK's common jar." + REMEDY);
        }
        return new TckJars(ofTests.toAbsolutePath(), ofCommon.toAbsolutePath());
    }

    private static Path inRepository(Path repository, String artifact, String version) {
        return repository.resolve(Path.of("jakarta", "tck", artifact, version, artifact + "-" + version + ".jar"));
    }

    private static void check(Path jar, String what) {
        if (!Files.isRegularFile(jar)) {
            throw new TckUnavailableException("not found: " + what + ", looked for at " + jar + "." + REMEDY);
        }
    }

    private static boolean contains(Path jar, String entry) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.getEntry(entry) != null;
        }
    }
}
