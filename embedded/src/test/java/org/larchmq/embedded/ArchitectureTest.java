package org.larchmq.embedded;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.larchmq.embedded");

    @Test
    void aBrokerWithoutJunitNeedsNoJunit() {
        noClasses()
                .that()
                .resideInAPackage("org.larchmq.embedded")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.junit..", "org.larchmq.embedded.junit..")
                .check(classes);
    }

    @Test
    void ofTheBrokerOnlyTheFacadeAndItsSettingsAreKnown() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.larchmq.store..",
                        "org.larchmq.broker.net..",
                        "org.larchmq.broker.shard..",
                        "org.larchmq.broker.state..",
                        "org.larchmq.broker.delivery..",
                        "org.larchmq.broker.journal..",
                        "io.netty..")
                .check(classes);
    }
}
