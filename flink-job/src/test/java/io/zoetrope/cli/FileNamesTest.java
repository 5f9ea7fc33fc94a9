package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"order-17", "040e3546-314b-4cb1-aaf8-1a196bc59132", "a.b_c"})
    void aSafeIdIsTheFileName(String requestId) {
        assertThat(FileNames.mp4(requestId)).isEqualTo(requestId + ".mp4");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "/etc/passwd",
                "..",
                ".",
                ".hidden",
                "-rf",
                "a/b",
                "a\\b",
                "con",
                "NUL.txt",
                "größe",
                "a b",
                "★",
                "https://a/b?c=d"
            })
    void anUnsafeIdCannotLeaveTheFolder(String requestId) {
        String name = FileNames.mp4(requestId);

        assertThat(name).matches("[A-Za-z0-9][A-Za-z0-9_-]*-[0-9a-f]{12}\\.mp4");
        assertThat(Path.of("out").resolve(name).normalize().getParent()).isEqualTo(Path.of("out"));
    }

    @Test
    void unsafeIdsDoNotCollide() {
        assertThat(List.of("a/b", "a b", "a?b").stream().map(FileNames::mp4).distinct())
                .hasSize(3);
    }

    @Test
    void theFileNameOfTheLongestIdFitsFileSystems() {
        assertThat(FileNames.mp4("x/".repeat(64)).length()).isLessThan(100);
        assertThat(FileNames.mp4("x".repeat(128)).length()).isLessThan(100);
    }

    @Test
    void aSlugContainsThePromptAndIsASafeId() {
        assertThat(FileNames.slug(3, "A red circle, moving right!")).isEqualTo("03-a-red-circle-moving-right");
        assertThat(FileNames.slug(12, "★")).isEqualTo("12");
        assertThat(FileNames.mp4(FileNames.slug(1, "x".repeat(500)))).doesNotMatch(".*-[0-9a-f]{12}\\.mp4");
    }
}
