package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.config.JobConfig;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.UnusableModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that a bundle with a damaged graph, although every digest matches, is refused with one clear fault: when it is
 * verified, when its graphs are loaded, or in the first run. The graphs are those of {@code damaged_graphs.py}.
 */
@Timeout(60)
class DamagedGraphsTest {
    private static final Path GRAPHS = Path.of("src/test/resources/damaged-graphs");
    private static final String FIRST_RUN = "the model fails in its first run: ";
    private static final String NOT_LOADED = "expected a graph that ONNX Runtime loads, got ";
    private static final String SHAPE = "but the computed output shape for this run is ";

    /** The fault of each graph, in a part that names the fact and the values. */
    private static final Map<String, List<String>> FAULTS = new TreeMap<>(Map.ofEntries(
            Map.entry("generator-nan", List.of(FIRST_RUN, "expected finite numbers in velocity", "NaN at index 0")),
            Map.entry("generator-infinite", List.of(FIRST_RUN, "expected finite numbers in velocity, got 16 of 16")),
            Map.entry("generator-unknown-operator", List.of(NOT_LOADED, "com.evil:Evil")),
            Map.entry("generator-future-version", List.of(NOT_LOADED, "Unsupported model IR version: 99")),
            Map.entry("generator-empty", List.of(NOT_LOADED, "does not have a graph")),
            Map.entry("generator-without-outputs", List.of("generator.onnx: ")),
            Map.entry("generator-cycle", List.of(NOT_LOADED, "not acyclic")),
            Map.entry("generator-division-by-zero", List.of(NOT_LOADED, "Integer division by zero")),
            Map.entry("generator-computed-division-by-zero", List.of(FIRST_RUN, "Integer division by zero")),
            Map.entry("generator-index", List.of(FIRST_RUN, "out of data bounds, idx=1099511627777")),
            Map.entry("generator-nested", List.of("messages are nested deeper than 32")),
            Map.entry("generator-external-offset", List.of(NOT_LOADED, "offset: 4611686018427387904")),
            Map.entry("generator-external-negative", List.of(NOT_LOADED, "offset: -4096")),
            Map.entry("generator-external-length", List.of(NOT_LOADED, "external_data.length: 1099511627776")),
            Map.entry("generator-external-memory", List.of("which is not in the manifest's external_data")),
            Map.entry("decoder-more-frames", List.of(FIRST_RUN, SHAPE + "{1,6,24,16}")),
            Map.entry("decoder-no-frames", List.of(FIRST_RUN, SHAPE + "{1,0,24,16}")),
            Map.entry("decoder-swapped-axes", List.of(FIRST_RUN, SHAPE + "{1,24,5,16}")),
            Map.entry("decoder-huge", List.of(FIRST_RUN, SHAPE + "{1,1048576,32768,32768}")),
            Map.entry("decoder-two-batches", List.of(FIRST_RUN, SHAPE + "{2,5,24,16}"))));

    @TempDir
    Path temp;

    @Test
    void everyDamagedGraphIsOneClearFault() throws IOException {
        Map<String, String> unclear = new TreeMap<>();
        FAULTS.forEach((graph, parts) -> {
            String fault = fault(graph);
            if (!parts.stream().allMatch(fault::contains) || !isClear(fault)) {
                unclear.put(graph, fault);
            }
        });
        assertThat(unclear).isEmpty();
        try (Stream<Path> graphs = Files.list(GRAPHS)) {
            assertThat(graphs.map(path -> path.getFileName().toString().replace(".onnx", "")))
                    .as("every graph is tested, here or below")
                    .containsAll(FAULTS.keySet())
                    .hasSize(FAULTS.size() + 1);
        }
    }

    /** A run that does not end can also be one on a slow machine, so this is not a fault of the bundle for good. */
    @Test
    void aGraphThatDoesNotEndIsEndedInBoundedTime() throws Exception {
        assertThat(catchThrowable(() -> open("generator-endless", "--start-timeout", "1 s", "--run-timeout", "1 s")))
                .isExactlyInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the model does not end in its first run: generate: the run did not end within")
                .hasMessageContaining("raise start-timeout");
    }

    private String fault(String graph) {
        Throwable refused = catchThrowable(() -> open(graph));
        if (refused instanceof UnusableModelException || refused instanceof BundleException) {
            return String.valueOf(refused.getMessage());
        }
        return "unexpected " + refused;
    }

    private void open(String graph, String... options) throws Exception {
        Path folder = Files.createDirectories(temp.resolve(graph));
        BundleFolder bundle = BundleFolder.copy(folder);
        String file = graph.substring(0, graph.indexOf('-')) + ".onnx";
        bundle.write(file, Files.readAllBytes(GRAPHS.resolve(graph + ".onnx")));
        bundle.updateDigest(file.replace(".onnx", ""), file);
        List<String> arguments = Stream.concat(
                        Stream.of("--bundle", bundle.path().toString(), "--bootstrap-servers", "127.0.0.1:1"),
                        Stream.concat(Stream.of("--batch-max", "1", "--cpu-lanes", "1"), Stream.of(options)))
                .toList();
        JobConfig config = JobConfig.read(List.of(), Optional.empty(), arguments);
        try (Engine engine = ServedBundles.of(config, 0).engines().get(0).open(List::of)) {
            assertThat(engine).as("an engine of " + graph).isNull();
        }
    }

    /** Returns whether a message is short, printable, and has no C++ function and no Java class. */
    private static boolean isClear(String message) {
        return message.length() < 1200
                && message.replace("\n", "").matches("[ -~]*")
                && message.contains("export it again or restore its files")
                && Stream.of("onnxruntime::", "onnxruntime_src", "std::", ".cc:", "java.", "Exception:", "Stacktrace")
                        .noneMatch(message::contains);
    }
}
