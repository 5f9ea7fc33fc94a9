package io.zoetrope.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the fuzz targets: on the committed corpora in every test run, and under Jazzer in the slow tests. System
 * properties:
 *
 * <ul>
 *   <li>{@code fuzz.seconds}: the time for each target, 60 by default
 *   <li>{@code fuzz.runs}: instead of a time, the number of inputs for each target
 *   <li>{@code fuzz.folder}: keeps corpora and logs, and continues the runs that are in it
 *   <li>{@code fuzz.report}: a file for the report of all runs in {@code fuzz.folder}
 * </ul>
 */
class FuzzTest {
    @TempDir
    private static Path temporary;

    @Test
    void theCorpusOfRecordsKeepsItsPromises() throws IOException {
        List<byte[]> records = Corpora.records();

        assertThat(records.size()).isGreaterThan(2000);
        records.forEach(WireTarget::fuzzerTestOneInput);
    }

    @Test
    void theCorpusOfImagesKeepsItsPromises() throws IOException {
        List<byte[]> images = Corpora.images();

        assertThat(images.size()).isGreaterThan(300);
        images.forEach(ImageTarget::fuzzerTestOneInput);
    }

    @Test
    void theCorpusOfManifestsKeepsItsPromises() throws IOException {
        List<byte[]> manifests = Corpora.manifests();

        assertThat(manifests.size()).isGreaterThan(400);
        manifests.forEach(ManifestTarget::fuzzerTestOneInput);
    }

    @Test
    void theCorpusOfConfigurationsKeepsItsPromises() throws IOException {
        List<byte[]> configurations = Corpora.of(ConfigTarget.class);

        assertThat(configurations.size()).isGreaterThan(50);
        configurations.forEach(ConfigTarget::fuzzerTestOneInput);
    }

    @Test
    void theCorpusOfTopicsFilesKeepsItsPromises() throws IOException {
        List<byte[]> topics = Corpora.of(TopicsTarget.class);

        assertThat(topics.size()).isGreaterThan(70);
        topics.forEach(TopicsTarget::fuzzerTestOneInput);
    }

    @Tag("slow")
    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @ValueSource(
            classes = {WireTarget.class, ImageTarget.class, ManifestTarget.class, ConfigTarget.class, TopicsTarget.class
            })
    void noInputThatJazzerMakesBreaksAPromise(Class<?> target) throws Exception {
        FuzzRun run = new FuzzRun(target, folder());
        String runs = System.getProperty("fuzz.runs");
        int exit = runs == null
                ? run.forSeconds(Integer.parseInt(System.getProperty("fuzz.seconds", "60")))
                : run.untilExecutions(Long.parseLong(runs));

        System.out.println(run.total());
        assertThat(exit)
                .as("exit code of Jazzer; the end of its output:%n%s", run.lastOutput())
                .isZero();
    }

    @AfterAll
    static void writeTheReport() throws IOException {
        String report = System.getProperty("fuzz.report");
        if (report != null) {
            Files.writeString(Path.of(report), FuzzReport.of(folder()));
        }
    }

    private static Path folder() {
        return Optional.ofNullable(System.getProperty("fuzz.folder"))
                .map(Path::of)
                .orElse(temporary);
    }
}
