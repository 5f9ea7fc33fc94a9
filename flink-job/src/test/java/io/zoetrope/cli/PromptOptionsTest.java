package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.prompt.PromptRequest;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class PromptOptionsTest {
    private final PromptOptions options = new PromptOptions();

    @Test
    void withoutOptionsTheBundleDecides() {
        PromptRequest request = request();

        assertThat(request.steps()).isEqualTo(PromptRequest.DEFAULT_STEPS);
        assertThat(request.width()).isEmpty();
        assertThat(request.height()).isEmpty();
        assertThat(request.frames()).isEmpty();
        assertThat(request.seed()).isEmpty();
    }

    @Test
    void sizeFramesAndStepsAreRequested() {
        PromptRequest request = request("--size", "832x480", "--frames", "81", "--steps", "3", "--seed", "7");

        assertThat(request.steps()).isEqualTo(3);
        assertThat(request.width()).contains(832);
        assertThat(request.height()).contains(480);
        assertThat(request.frames()).contains(81);
        assertThat(request.seed()).contains(7L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"832", "832x", "x480", "0x480", "832x480x3", "832X480", "-1x5", "999999x1"})
    void aSizeThatIsNoneIsRefused(String size) {
        assertThatExceptionOfType(CommandLine.ParameterException.class)
                .isThrownBy(() -> request("--size", size))
                .withMessageContaining("'" + size + "' is not a size; give width and height in pixels");
    }

    private PromptRequest request(String... arguments) {
        new CommandLine(new Command(options)).parseArgs(arguments);
        return options.request("r-1", "a star", Optional.empty());
    }

    @CommandLine.Command
    private record Command(@CommandLine.Mixin PromptOptions options) {}
}
