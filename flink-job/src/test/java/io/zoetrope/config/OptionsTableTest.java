package io.zoetrope.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionsTableTest {
    @Test
    void theDocumentationHoldsExactlyTheOptionsOfTheCode() throws IOException {
        assertThat(Files.readString(Path.of("../docs/configuration.md")))
                .as("docs/configuration.md; put the table that is expected below into it")
                .contains("\n\n" + OptionsTable.markdown());
    }
}
