package org.larchmq.broker.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SelectorsTest {
    private final Selectors selectors = new Selectors();

    @Test
    void equalTextsShareOneSelector() {
        Selector first = selectors.parse("colour = 'red' AND weight > 10");
        assertThat(selectors.parse(new String("colour = 'red' AND weight > 10")))
                .isSameAs(first);
        assertThat(selectors.parse("colour = 'blue'")).isNotSameAs(first);
        assertThat(selectors.count()).isEqualTo(2);
    }

    @Test
    void whatIsNoSelectorIsRefusedEachTime() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> selectors.parse("colour =")).isInstanceOf(SelectorSyntaxException.class);
        }
        assertThat(selectors.count()).isZero();
    }
}
