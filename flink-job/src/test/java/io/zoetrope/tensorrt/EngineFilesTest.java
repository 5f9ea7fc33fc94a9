package io.zoetrope.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.bundle.DigestedFile;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.tensorrt.TensorRt.Plan;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineFilesTest {
    private final GpuFixture fixture = new GpuFixture();
    private final FakeGpu gpu = fixture.gpu;
    private final GraphFile graph = fixture.bundle.manifest().decoder();
    private final Profiles profiles = Profiles.of(graph, fixture.bundle.manifest(), 4);

    @TempDir
    private Path folder;

    @Test
    void anEngineIsBuiltOnceAndFoundByTheNextStart() {
        TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0, 4, folder.toString()))
                .close();
        TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0, 4, folder.toString()))
                .close();
        TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(1, 4, folder.toString()))
                .close();

        assertThat(gpu.builds).as("two devices of one kind").containsExactly("decoder.onnx");
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
    }

    @Test
    void anotherGpuBatchOrVersionBuildsItsOwn() {
        TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0, 4, folder.toString()))
                .close();
        gpu.product = "Another GPU";
        TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0, 4, folder.toString()))
                .close();
        TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0, 2, folder.toString()))
                .close();

        assertThat(gpu.builds).hasSize(3);
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
    }

    @Test
    void eachPartOfTheKeyGivesAnotherFile() {
        EngineFiles files = new EngineFiles(folder);
        EngineKey key = key();
        List<EngineKey> others = List.of(
                new EngineKey("e", key.gpu(), key.version(), key.precision(), 0, profiles),
                new EngineKey("d", new Cuda.Gpu("G", 9, 1), key.version(), key.precision(), 0, profiles),
                new EngineKey("d", new Cuda.Gpu("H", 9, 0), key.version(), key.precision(), 0, profiles),
                new EngineKey("d", key.gpu(), 10_15_02, key.precision(), 0, profiles),
                new EngineKey("d", key.gpu(), key.version(), EnginePrecision.TF32, 0, profiles),
                new EngineKey("d", key.gpu(), key.version(), key.precision(), 1, profiles),
                new EngineKey(
                        "d",
                        key.gpu(),
                        key.version(),
                        key.precision(),
                        0,
                        Profiles.of(graph, fixture.bundle.manifest(), 2)));

        assertThat(Stream.concat(Stream.of(key), others.stream()).map(files::file))
                .doesNotHaveDuplicates();
        GraphFile moved =
                new GraphFile(graph.file(), List.of(new DigestedFile("w", "1")), Map.of(), Map.of(), 1, "float32");
        assertThat(EngineKey.digests(moved)).isNotEqualTo(EngineKey.digests(graph));
    }

    @Test
    void whatIsReadIsWhatWasStored() {
        EngineFiles files = new EngineFiles(folder);
        store(files, key());

        assertThat(content(files, key())).contains("an engine");
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
    }

    @Test
    void anEngineOfAnotherKeyUnderTheRightNameIsNotLoaded() throws Exception {
        EngineFiles files = new EngineFiles(folder);
        EngineKey other = new EngineKey("e", key().gpu(), key().version(), key().precision(), 0, profiles);
        store(files, other);
        Files.copy(files.file(other), files.file(key()));

        assertThat(content(files, key())).isEmpty();
        assertThat(content(files, other)).contains("an engine");
    }

    @Test
    void aFileThatIsCutOrChangedAnywhereIsNotLoaded() throws Exception {
        EngineFiles files = new EngineFiles(folder);
        store(files, key());
        byte[] whole = Files.readAllBytes(files.file(key()));
        for (int place = 0; place < whole.length; place++) {
            byte[] changed = whole.clone();
            changed[place] ^= 1;
            Files.write(files.file(key()), changed);
            assertThat(content(files, key())).as("byte " + place + " changed").isEmpty();
            Files.write(files.file(key()), Arrays.copyOf(whole, place));
            assertThat(content(files, key())).as("cut at " + place).isEmpty();
        }
        assertThat(gpu.brokenAtTheEnd()).as("plans").isEmpty();
    }

    @Test
    void anEngineThatTensorRtRefusesIsBuiltAgain() {
        TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0, 4, folder.toString()))
                .close();
        List<String> refused = new ArrayList<>();
        gpu.onCall = call -> {
            if (call.equals("deserializeCudaEngine") && refused.isEmpty()) {
                refused.add(call);
                throw new TensorRtFault(call);
            }
        };
        TensorRtFrameDecoder.open(fixture.bundle, fixture.spec(0, 4, folder.toString()))
                .close();

        assertThat(refused).hasSize(1);
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
    }

    @Test
    void aFolderThatCannotBeWrittenToIsRefused() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> new EngineFiles(file.resolve("engines")))
                .withMessageContaining("engine-cache: ")
                .withMessageContaining("give a folder that this process can write to");
    }

    @Test
    void progressIsReportedAtMostOnceInAPause() {
        List<String> reports = new ArrayList<>();
        long[] now = {0};
        BuildProgress progress = new BuildProgress("decoder.onnx", () -> now[0], reports::add);
        for (int second = 1; second <= 35; second++) {
            now[0] = second * 1_000_000_000L;
            progress.accept(" kernel " + second + "\n");
        }

        assertThat(reports)
                .hasSize(3)
                .first()
                .isEqualTo("decoder.onnx: TensorRT has been building its engine for 10 s, 10 lines of its log so far,"
                        + " the last: kernel 10");
        assertThat(progress.took()).hasSeconds(35);
    }

    private EngineKey key() {
        return new EngineKey("d", new Cuda.Gpu("G", 9, 0), FakeGpu.VERSION, EnginePrecision.FLOAT32, 0, profiles);
    }

    private void store(EngineFiles files, EngineKey key) {
        try (Plan plan = gpu.allocatePlan(9)) {
            plan.write(0, ByteBuffer.wrap("an engine".getBytes(StandardCharsets.US_ASCII)));
            files.store(key, plan);
        }
    }

    private Optional<String> content(EngineFiles files, EngineKey key) {
        return files.find(key, gpu).map(plan -> {
            try (plan) {
                ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(plan.bytes()));
                plan.read(0, bytes);
                return new String(bytes.array(), StandardCharsets.US_ASCII);
            }
        });
    }
}
