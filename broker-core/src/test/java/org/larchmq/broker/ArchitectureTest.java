package org.larchmq.broker;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.journal.Entry;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.Replay;
import org.larchmq.broker.journal.StateMachine;
import org.larchmq.broker.net.LoopTasks;
import org.larchmq.broker.net.NextTurn;

class ArchitectureTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.larchmq.broker");

    @Test
    void packagesDependOneWay() {
        slices().matching("org.larchmq.broker.(*)..").should().beFreeOfCycles().check(classes);
        noClasses()
                .that()
                .resideInAPackage("org.larchmq.broker.*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.larchmq.broker")
                .check(classes);
    }

    @Test
    void theBrokerKnowsNeitherTheMessagingApiNorTheServerAroundIt() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.jms..", "org.larchmq.jms..", "org.larchmq.server..")
                .check(classes);
    }

    @Test
    void tasksComeToAnEventLoopByWhoKnowsWhoseTheyAre() {
        Set<String> tasks = Set.of(
                "execute",
                "schedule",
                "scheduleAtFixedRate",
                "scheduleWithFixedDelay",
                "executeAfterEventLoopIteration");
        noClasses()
                .that()
                .doNotBelongToAnyOf(LoopTasks.class, NextTurn.class)
                .should()
                .callMethodWhere(describe(
                        "a task is given to an event loop",
                        (JavaMethodCall call) -> tasks.contains(call.getName())
                                && call.getTargetOwner().isAssignableTo(EventExecutorGroup.class)))
                .check(classes);
    }

    /** What must survive changes by entries only: in the run by the one that was written, in recovery by the one read. */
    @Test
    void onlyJournalAndReplayApplyEntries() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Journal.class, Replay.class)
                .should()
                .accessTargetWhere(describe(
                        "an entry is applied to the state",
                        (JavaAccess<?> access) -> access.getName().equals("apply")
                                && access.getTargetOwner().isAssignableTo(StateMachine.class)
                                && access.getTarget() instanceof CodeUnitAccessTarget applied
                                && applied.getRawParameterTypes().stream()
                                        .anyMatch(parameter -> parameter.isEquivalentTo(Entry.class))))
                .check(classes);
    }

    @Test
    void onlyRecoveryMakesTheJournalAndTheReplay() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("org.larchmq.broker.shard.StoreRecovery")
                .should()
                .accessTargetWhere(describe(
                        "a journal or a replay is made",
                        (JavaAccess<?> access) -> access.getName().equals(JavaConstructor.CONSTRUCTOR_NAME)
                                && (access.getTargetOwner().isEquivalentTo(Journal.class)
                                        || access.getTargetOwner().isEquivalentTo(Replay.class))))
                .check(classes);
    }

    @Test
    void theJournalUsesTheStoreAndTheLayoutOfMessagesOnly() {
        classes()
                .that()
                .resideInAPackage("org.larchmq.broker.journal")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "org.larchmq.broker.journal", "org.larchmq.message", "org.larchmq.store..", "java..")
                .check(classes);
    }

    @Test
    void theStateUsesTheJournalTheStoreAndTheLayoutOfMessagesOnly() {
        classes()
                .that()
                .resideInAPackage("org.larchmq.broker.state")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "org.larchmq.broker.state",
                        "org.larchmq.broker.journal",
                        "org.larchmq.message",
                        "org.larchmq.store..",
                        "org.roaringbitmap..",
                        "java..")
                .check(classes);
    }

    @Test
    void onlyTheEndpointAndTheFacadeKnowNetty() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "org.larchmq.broker.journal..",
                        "org.larchmq.broker.state..",
                        "org.larchmq.broker.delivery..",
                        "org.larchmq.broker.selector..",
                        "org.larchmq.broker.shard..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..")
                .check(classes);
    }
}
