package io.zoetrope.fair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PerTenantTest {
    @Test
    void aListedTenantHasItsNumberAndEveryOtherOneThatOfTheStar() {
        PerTenant numbers = PerTenant.parse("studio = 4, a=b=2 ,*=3");

        assertThat(numbers.of("studio", 9)).isEqualTo(4);
        assertThat(numbers.of("a=b", 9)).isEqualTo(2);
        assertThat(numbers.of("somebody", 9)).isEqualTo(3);
    }

    @Test
    void withoutAStarEveryOtherTenantHasTheDefault() {
        assertThat(PerTenant.parse("studio=4").of("another", 9)).isEqualTo(9);
        assertThat(PerTenant.parse("none").of("studio", 9)).isEqualTo(9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "studio", "=4", "studio=", "studio=0", "studio=-1", "studio=a", "a=1,a=2", "a=1,"})
    void anotherFormIsRefused(String text) {
        assertThatThrownBy(() -> PerTenant.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected none, or name=number pairs");
    }
}
