package org.larchmq.store;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DependencyTest {
    private final JavaClasses store = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.larchmq.store");

    @Test
    void theStoreKnowsOnlyTheJdkAndSlf4j() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("org.larchmq.store..", "java..", "org.slf4j..")
                .check(store);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.larchmq.store.(*)..").should().beFreeOfCycles().check(store);
    }

    @Test
    void logQueueAndCatalogDoNotKnowEachOther() {
        for (String one : new String[] {"log", "queue", "catalog"}) {
            noClasses()
                    .that()
                    .resideInAPackage("org.larchmq.store." + one)
                    .should()
                    .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                            "are another part of the store",
                            c -> c.getPackageName().startsWith("org.larchmq.store.")
                                    && !c.getPackageName().endsWith("." + one)
                                    && !c.getPackageName().endsWith(".io")))
                    .check(store);
        }
    }
}
