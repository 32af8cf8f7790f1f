package org.larchmq.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DependencyTest {
    private final JavaClasses bench = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.larchmq.bench");

    @Test
    void loadAndRigsSeeTheBrokerAsAnApplicationDoes() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "org.larchmq.bench..",
                        "org.larchmq.checker..",
                        "jakarta.jms..",
                        "picocli..",
                        "org.HdrHistogram..",
                        "java..",
                        "javax.transaction.xa..",
                        "jakarta.transaction..",
                        "com.arjuna..",
                        "javax.naming..")
                .check(bench);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.larchmq.bench.(**)").should().beFreeOfCycles().check(bench);
    }
}
