package io.zoetrope.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.WireCorpus;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.DamagedManifests;
import io.zoetrope.failure.RequestException;
import io.zoetrope.wire.PromptCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the fuzz targets: on the committed corpora in every test run, and under Jazzer in the slow tests. The system
 * properties {@code fuzz.seconds} (60 by default) and {@code fuzz.runs} say for how long.
 */
class FuzzTest {
    private static final Path RESOURCES = Path.of("src/test/resources/io/zoetrope");
    /** The largest input that Jazzer starts from and makes. */
    private static final int MAX_LENGTH = 16 << 10;

    @Test
    void theCorpusOfRecordsKeepsItsPromises() throws IOException {
        List<byte[]> records = records();

        assertThat(records.size()).isGreaterThan(2000);
        records.forEach(WireTarget::fuzzerTestOneInput);
    }

    @Test
    void theCorpusOfImagesKeepsItsPromises() throws IOException {
        List<byte[]> images = images();

        assertThat(images.size()).isGreaterThan(300);
        images.forEach(ImageTarget::fuzzerTestOneInput);
    }

    @Test
    void theCorpusOfManifestsKeepsItsPromises() throws IOException {
        List<byte[]> manifests = manifests();

        assertThat(manifests.size()).isGreaterThan(400);
        manifests.forEach(ManifestTarget::fuzzerTestOneInput);
    }

    @Test
    void theCorpusOfConfigurationsKeepsItsPromises() throws IOException {
        files(RESOURCES.resolve("fuzz/config")).forEach(ConfigTarget::fuzzerTestOneInput);
    }

    @Test
    void theCorpusOfTopicsFilesKeepsItsPromises() throws IOException {
        files(RESOURCES.resolve("fuzz/topics")).forEach(TopicsTarget::fuzzerTestOneInput);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(
            classes = {WireTarget.class, ImageTarget.class, ManifestTarget.class, ConfigTarget.class, TopicsTarget.class
            })
    void noInputThatJazzerMakesBreaksAPromise(Class<?> target, @TempDir Path folder) throws Exception {
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        List<byte[]> seeds = seeds(target);
        for (int i = 0; i < seeds.size(); i++) {
            if (seeds.get(i).length <= MAX_LENGTH) {
                Files.write(corpus.resolve("seed-" + i), seeds.get(i));
            }
        }

        assertThat(fuzz(target, folder, corpus))
                .as("exit code of Jazzer; its output is above")
                .isZero();
    }

    private static int fuzz(Class<?> target, Path folder, Path corpus) throws IOException, InterruptedException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                classPath,
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.getName(),
                "--instrumentation_includes=io.zoetrope.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-max_len=" + MAX_LENGTH,
                "-timeout=60", // the first input loads and instruments the classes
                "-rss_limit_mb=3000",
                "-print_final_stats=1"));
        String runs = System.getProperty("fuzz.runs");
        command.add(runs != null ? "-runs=" + runs : "-max_total_time=" + System.getProperty("fuzz.seconds", "60"));
        command.add(corpus.toString());
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private static List<byte[]> seeds(Class<?> target) throws IOException {
        return switch (target.getSimpleName()) {
            case "WireTarget" -> records();
            case "ImageTarget" -> images();
            case "ManifestTarget" -> manifests();
            case "ConfigTarget" -> files(RESOURCES.resolve("fuzz/config"));
            case "TopicsTarget" -> files(RESOURCES.resolve("fuzz/topics"));
            default -> throw new IllegalArgumentException("no corpus of " + target);
        };
    }

    private static List<byte[]> manifests() throws IOException {
        List<byte[]> manifests = new ArrayList<>(files(RESOURCES.resolve("fuzz/manifest")));
        for (Path bundle : List.of(BundleFolder.original(), BundleFolder.withImages(), BundleFolder.faulty())) {
            manifests.add(Files.readAllBytes(bundle.resolve("manifest.json")));
        }
        DamagedManifests.all().forEach(damaged -> manifests.add(damaged.json()));
        return manifests;
    }

    private static List<byte[]> records() throws IOException {
        List<byte[]> records = new ArrayList<>(files(RESOURCES.resolve("wire/corpus")));
        for (WireCorpus.Entry entry : WireCorpus.read()) {
            if (entry.value() != null) {
                records.add(entry.value());
            }
        }
        return records;
    }

    private static List<byte[]> images() throws IOException {
        List<byte[]> images = new ArrayList<>(files(RESOURCES.resolve("imageio/corpus")));
        for (byte[] record : records()) {
            firstFrame(record).ifPresent(images::add);
        }
        return images;
    }

    private static Optional<byte[]> firstFrame(byte[] record) {
        try {
            return PromptCodec.decode(record).firstFrame().map(FuzzTest::bytes);
        } catch (RequestException e) {
            return Optional.empty();
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static List<byte[]> files(Path folder) throws IOException {
        List<byte[]> contents = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                contents.add(Files.readAllBytes(file));
            }
        }
        return contents;
    }
}
