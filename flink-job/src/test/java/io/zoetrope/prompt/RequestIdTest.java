package io.zoetrope.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "5f0c8a9e-1b", "Wunsch Nr. 7", "願い", "\uD83C\uDFA5"})
    void shortTextIsAnId(String value) {
        assertThat(new RequestId(value)).hasToString(value);
    }

    @Test
    void theLongestIdIs128Characters() {
        assertThat(new RequestId("x".repeat(128)).value()).hasSize(128);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RequestId("x".repeat(129)))
                .withMessageContaining("1 to 128")
                .withMessageContaining("129");
    }

    @Test
    void emptyIdIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new RequestId("")).withMessageContaining("got 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "\u0000", "a\u007f", "\u0085", "\uD83C", "a\uDFA5b"})
    void controlCharactersAndLoneSurrogatesAreRefused(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RequestId(value))
                .withMessageContaining("U+")
                .withMessageContaining("UUID");
    }
}
