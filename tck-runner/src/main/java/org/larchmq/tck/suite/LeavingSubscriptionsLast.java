package org.larchmq.tck.suite;

import java.util.Comparator;
import java.util.Set;
import org.junit.jupiter.api.MethodDescriptor;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.MethodOrdererContext;

/**
 * By name, but the tests that leave a durable subscription behind come last in their class: whatever comes after them and
 * uses the same subscription would find it in use or with messages of theirs.
 */
public final class LeavingSubscriptionsLast implements MethodOrderer {
    private static final Set<String> LEAVING = Set.of("transactionRollbackOnPublishTopicTest");

    @Override
    public void orderMethods(MethodOrdererContext context) {
        context.getMethodDescriptors()
                .sort(Comparator.comparing((MethodDescriptor method) -> LEAVING.contains(name(method)))
                        .thenComparing(LeavingSubscriptionsLast::name));
    }

    private static String name(MethodDescriptor method) {
        return method.getMethod().getName();
    }
}
