package io.zoetrope.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionsTableTest {
    @Test
    void theDocumentationListsExactlyTheOptionsOfTheCode() throws IOException {
        assertThat(Files.readString(Path.of("../docs/configuration.md")))
                .as("the options table of docs/configuration.md; replace it with the expected one below")
                .contains("\n\n" + OptionsTable.markdown());
    }
}
