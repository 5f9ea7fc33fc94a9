package io.zoetrope.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderChoiceTest {
    @Test
    void oneProviderIsForAllStages() {
        assertThat(ProviderChoice.parse(" TensorRT "))
                .isEqualTo(new ProviderChoice(Provider.TENSORRT, Provider.TENSORRT, Provider.TENSORRT));
        assertThat(ProviderChoice.parse("auto")).isEqualTo(ProviderChoice.AUTO);
    }

    @Test
    void aStageThatIsNotListedFollowsItsDevice() {
        assertThat(ProviderChoice.parse("generate=tensorrt, decode=cuda"))
                .isEqualTo(new ProviderChoice(Provider.AUTO, Provider.TENSORRT, Provider.CUDA));
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "cpu", "text=cpu,generate=tensorrt,decode=cuda"})
    void theTextOfAChoiceIsReadAsTheSameChoice(String text) {
        ProviderChoice choice = ProviderChoice.parse(text);

        assertThat(choice).hasToString(text);
        assertThat(ProviderChoice.parse(choice.toString())).isEqualTo(choice);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "cuda,tensorrt", "decode=", "encode=cuda", "decode=cuda,", "decode=cuda=cpu"})
    void anotherTextIsRefused(String text) {
        assertThatThrownBy(() -> ProviderChoice.parse(text))
                .hasMessageStartingWith("expected auto, cpu, cuda, tensorrt or tensorrt-engine, or one for each stage");
    }

    @Test
    void aStageThatIsListedTwiceIsRefused() {
        assertThatThrownBy(() -> ProviderChoice.parse("decode=cuda,decode=cpu"))
                .hasMessage("expected each stage once, got decode twice; remove one");
    }
}
