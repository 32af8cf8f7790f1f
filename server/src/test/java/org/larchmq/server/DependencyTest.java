package org.larchmq.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DependencyTest {
    private static final JavaClasses SERVER = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.larchmq.server");

    @Test
    void theServerKnowsTheBrokerTheStoreTheWireAndItsFewLibrariesOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.crypto..",
                        "org.larchmq.server..",
                        "org.larchmq.broker",
                        "org.larchmq.broker.settings",
                        "org.larchmq.store..",
                        "org.larchmq.wire",
                        "org.larchmq.message",
                        "picocli..",
                        "org.snakeyaml.engine..",
                        "org.slf4j..",
                        "ch.qos.logback..")
                .check(SERVER);
    }

    @Test
    void onlyVerifyAndRepairReachIntoTheStore() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.larchmq.server.cli")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.larchmq.store..")
                .check(SERVER);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.larchmq.server.(*)..").should().beFreeOfCycles().check(SERVER);
    }
}
