package org.larchmq.checker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DependencyTest {
    @Test
    void theCheckerKnowsNothingButTheJdk() {
        var checker = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.larchmq.checker");
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("org.larchmq.checker..", "java..")
                .check(checker);
    }
}
