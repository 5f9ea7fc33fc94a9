package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptsTest {
    @TempDir
    private Path folder;

    @Test
    void aFileHasOnePromptPerLine() throws IOException {
        Path file = Files.writeString(folder.resolve("prompts.txt"), "a red circle\n\n# later\n  a blue ring \n");

        assertThat(Prompts.read(file)).containsExactly("a red circle", "a blue ring");
    }

    @Test
    void theErrorForAMissingFileNamesIt() {
        Path file = folder.resolve("none.txt");

        assertThatThrownBy(() -> Prompts.read(file))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("one prompt per line");
    }

    @Test
    void thereAreAtLeastEightBuiltInPromptsAllDifferent() {
        assertThat(BuiltInPrompts.all()).hasSizeGreaterThanOrEqualTo(8).doesNotHaveDuplicates();
    }
}
