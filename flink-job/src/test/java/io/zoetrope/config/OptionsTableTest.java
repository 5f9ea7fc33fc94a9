package io.zoetrope.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTableTest {
    @Test
    void theDocumentationListsExactlyTheOptionsOfTheCode() throws IOException {
        List<Option<?>> limits = LimitOptions.all();
        List<Option<?>> others = JobOptions.all().stream()
                .filter(option -> !limits.contains(option))
                .toList();

        assertThat(Files.readString(Path.of("../docs/configuration.md")))
                .as("the tables of options and of limits in docs/configuration.md; replace them with the expected ones")
                .contains("\n\n" + OptionsTable.markdown(others) + "\n")
                .contains("\n\n" + OptionsTable.markdown(limits) + "\n");
    }
}
