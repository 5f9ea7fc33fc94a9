package io.zoetrope.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.zoetrope.encode.Codec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobConfigTest {

    private static final List<Setting> BASE = List.of(
            new Setting("bundle", "bundles/toybox-64", "the launcher"),
            new Setting("bootstrap-servers", "127.0.0.1:9092", "the launcher"));

    @TempDir
    private Path folder;

    @Test
    void optionsThatAreNotGivenHaveTheirDefaults() {
        JobConfig config = JobConfig.read(BASE, Optional.empty(), List.of());

        assertThat(config.get(JobOptions.BUNDLE)).containsExactly(Path.of("bundles/toybox-64"));
        assertThat(config.get(JobOptions.DELIVERY)).isEqualTo(Delivery.EXACTLY_ONCE);
        assertThat(config.get(JobOptions.DEDUPE_RETENTION)).isEqualTo(Duration.ofHours(24));
        assertThat(config.get(JobOptions.MAX_PAYLOAD_BYTES)).isEqualTo(new DataSize(9 << 20));
        assertThat(config.get(JobOptions.ENCODER)).isEqualTo(Codec.VP9);
    }

    @Test
    void argumentsOverrideTheFileWhichOverridesTheBase() throws IOException {
        Path file = file("""
                # served beside another job
                zoetrope:
                  bundle: from-file
                  group-id: from-file
                  checkpoint-interval: 200 ms
                  batch-max: 4
                """);

        JobConfig config = JobConfig.read(
                BASE, Optional.of(file), List.of("--group-id", "from-arguments", "--zoetrope.batch-max=2"));

        assertThat(config.get(JobOptions.BOOTSTRAP_SERVERS)).isEqualTo("127.0.0.1:9092");
        assertThat(config.get(JobOptions.BUNDLE)).containsExactly(Path.of("from-file"));
        assertThat(config.get(JobOptions.GROUP_ID)).isEqualTo("from-arguments");
        assertThat(config.get(JobOptions.CHECKPOINT_INTERVAL)).isEqualTo(Duration.ofMillis(200));
        assertThat(config.get(JobOptions.BATCH_MAX)).isEqualTo(2);
    }

    @Test
    void bundlesMayBeSeveralInArgumentsAndFileAndOneSourceReplacesTheOther() throws IOException {
        Path file = file("""
                zoetrope:
                  bundle: [bundles/toybox-64, bundles/wan]
                """);

        JobConfig ofFile = JobConfig.read(BASE, Optional.of(file), List.of());
        JobConfig ofArguments =
                JobConfig.read(BASE, Optional.of(file), List.of("--bundle", "c", "--bundle=b", "--bundle", "a"));

        assertThat(ofFile.get(JobOptions.BUNDLE)).containsExactly(Path.of("bundles/toybox-64"), Path.of("bundles/wan"));
        assertThat(ofArguments.get(JobOptions.BUNDLE)).containsExactly(Path.of("c"), Path.of("b"), Path.of("a"));
        assertThat(JobConfig.read(BASE, Optional.empty(), List.of("--batch-max", "0", "--batch-max", "4"))
                        .get(JobOptions.BATCH_MAX))
                .isEqualTo(4);
        assertThat(problems(BASE, file, "--bundle", "a", "--bundle", " "))
                .containsExactly("--bundle: expected a path, found \" \"");
        assertThat(problems(BASE, file("zoetrope:\n  bundle: [a, {b: c}]\n")))
                .containsExactly(file + " line 2: expected a list of values for bundle, found another list or map"
                        + " in it; write each value as one text");
    }

    @Test
    void everyProblemOfFileAndArgumentsIsReportedTogether() throws IOException {
        Path file = file("""
                zoetrope:
                  encoderr: vp9
                  checkpoint-interval: soon
                  videos-topic: [a, b]
                  group-id: one
                  group-id: two
                other: 1
                """);

        assertThat(problems(
                        List.of(),
                        file,
                        "loose",
                        "--batch-max",
                        "0",
                        "--bundle",
                        "b",
                        "--nothing-like-it",
                        "1",
                        "--delivery"))
                .containsExactly(
                        file + " line 4: expected one value for videos-topic",
                        file + " line 6: group-id is in the file twice; remove one",
                        file + " line 7: expected options as \"key: value\" below \"zoetrope:\", found \"other\"",
                        "\"loose\": expected an option, in the form --key value",
                        "--delivery: expected a value after it",
                        file + " line 2: there is no option encoderr; did you mean encoder?",
                        "--nothing-like-it: there is no option nothing-like-it; ./zoetrope job --help lists all"
                                + " options",
                        "--bootstrap-servers is missing; give it on the command line or in the file. Addresses of"
                                + " Kafka brokers to connect to first, host:port, separated by commas.",
                        file + " line 3: expected a duration such as 500 ms, 10 s, 5 min, 24 h or 7 d, found"
                                + " \"soon\"",
                        "--batch-max: expected a whole number from 1 to 1024, found \"0\"");
    }

    @Test
    void brokenYamlIsReportedWithItsLine() throws IOException {
        Path file = file("zoetrope:\n  encoder: \"vp9\n");

        assertThat(problems(BASE, file))
                .singleElement()
                .asString()
                .contains(file + " line ")
                .contains("expected YAML");
    }

    @Test
    void aMissingFileIsOneProblem() {
        Path file = folder.resolve("absent.yaml");

        assertThat(problems(BASE, file))
                .singleElement()
                .asString()
                .startsWith(file + ": cannot be read")
                .endsWith("give an existing file, or leave out --config");
    }

    @Test
    void anEmptyFileSetsNothing() throws IOException {
        JobConfig config = JobConfig.read(BASE, Optional.of(file("# nothing yet\n")), List.of());

        assertThat(config.get(JobOptions.BATCH_MAX)).isEqualTo(32);
    }

    /** Reads options that are invalid, and returns the problems that the error's message lists. */
    private static List<String> problems(List<Setting> base, Path file, String... arguments) {
        ConfigException thrown = catchThrowableOfType(
                ConfigException.class, () -> JobConfig.read(base, Optional.of(file), List.of(arguments)));
        List<String> lines = List.of(String.valueOf(thrown.getMessage()).split("\n  - "));
        return lines.subList(1, lines.size());
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("zoetrope.yaml"), yaml);
    }
}
