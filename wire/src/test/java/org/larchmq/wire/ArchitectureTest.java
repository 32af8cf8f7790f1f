package org.larchmq.wire;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    /** An application gets this module on its class path: it brings nothing along. */
    @Test
    void wireDependsOnTheJdkOnly() {
        var production = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.larchmq.wire");
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("org.larchmq.wire", "java..")
                .check(production);
    }

    /** No class name and no object graph of a stranger is ever read. */
    @Test
    void wireDoesNotUseJavaSerialization() {
        var production = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.larchmq.wire");
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
