package org.larchmq.jms;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.larchmq.jms");

    @Test
    void theProviderDependsOnlyOnTheJdkTheApiSlf4jAndWire() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..",
                        "javax.naming..",
                        "javax.transaction.xa..",
                        "jakarta.jms..",
                        "org.slf4j..",
                        "net.jpountz.lz4..",
                        "com.github.luben.zstd..",
                        "org.larchmq.wire..",
                        "org.larchmq.message",
                        "org.larchmq.jms..")
                .check(CLASSES);
    }

    @Test
    void onlyTheCodecsNameTheLibrariesThatMayBeMissing() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.larchmq.jms.compression..")
                .or()
                .haveSimpleNameNotEndingWith("Codec")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("net.jpountz..", "com.github.luben..")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.larchmq.jms.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyTheNetPackageOpensSockets() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.larchmq.jms.net..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.net..")
                .check(CLASSES);
    }

    @Test
    void theTransportKnowsNoMessagesAndNoSessions() {
        noClasses()
                .that()
                .resideInAPackage("org.larchmq.jms.net..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.larchmq.jms.session..", "org.larchmq.jms.message..", "org.larchmq.jms.context..")
                .check(CLASSES);
    }
}
