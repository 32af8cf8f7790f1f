package org.larchmq.wire;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    /** An application gets this module on its class path: it brings nothing along. */
    @Test
    void wireDependsOnMessageAndTheJdkOnly() {
        mayUse("org.larchmq.wire", "org.larchmq.wire", "org.larchmq.message", "java..");
    }

    /** Other protocols and the log share the layout of a message; frames are not their concern. */
    @Test
    void messageDependsOnTheJdkOnly() {
        mayUse("org.larchmq.message", "org.larchmq.message", "java..");
    }

    private static void mayUse(String user, String... used) {
        var production = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(user);
        classes().should().onlyDependOnClassesThat().resideInAnyPackage(used).check(production);
    }

    /** No class name and no object graph of a stranger is ever read. */
    @Test
    void wireAndMessageDoNotUseJavaSerialization() {
        var production = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.larchmq.wire", "org.larchmq.message");
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectInputStream")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectOutputStream")
                .check(production);
    }
}
