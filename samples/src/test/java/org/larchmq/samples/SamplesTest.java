package org.larchmq.samples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void samplesUseTheStandardApiOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax.naming..", "jakarta.jms..", "org.larchmq.samples..")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("org.larchmq.samples"));
    }

    @Test
    void theFirstProgramOfTheReadmeIsTheOneThatCompiles() throws IOException {
        String source = Files.readString(Path.of("src/main/java/org/larchmq/samples/first/FirstProgram.java"));
        String readme = Files.readString(Path.of("../README.md"));
        assertThat(readme).contains("```java\n" + source.substring(source.indexOf("import ")) + "```");
    }
}
