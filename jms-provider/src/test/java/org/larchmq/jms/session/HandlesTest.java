package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.message.LarchQueue;

class HandlesTest {
    private final Handles handles = new Handles(100);
    private final LarchDestination always = new LarchQueue("always");

    @Test
    void manyRepliesAreNotManyEntriesAndWhatIsInUseIsKept() {
        handles.put(always, 7);
        for (int i = 0; i < 20_000; i++) {
            handles.put(new LarchQueue("reply" + i), i);
            assertThat(handles.get(always)).isEqualTo(7);
            assertThat(handles.get(new LarchQueue("reply" + i))).isEqualTo(i);
        }
        assertThat(handles.destinations()).hasSizeLessThanOrEqualTo(200).contains(always);
    }

    @Test
    void whatIsForgottenIsForgottenInBothGenerations() {
        handles.put(always, 7);
        for (int i = 0; i < 100; i++) handles.put(new LarchQueue("reply" + i), i);
        handles.remove(always);
        assertThat(handles.get(always)).isNull();
        handles.put(always, 8);
        assertThat(handles.get(always)).isEqualTo(8);
        handles.replaceBy(java.util.Map.of());
        assertThat(handles.destinations()).isEmpty();
    }
}
