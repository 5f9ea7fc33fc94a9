package io.zoetrope.tensorrt;

import io.zoetrope.bundle.DigestedFile;
import io.zoetrope.bundle.GraphFile;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that an engine depends on. An engine is loaded only if its key, as text, is equal.
 *
 * @param graph the digests of the graph's files
 * @param gpu the GPU's name and compute capability
 * @param version the version of TensorRT
 * @param precision the precision of its arithmetic
 * @param scratchBytes the limit of its scratch memory
 * @param profiles the shapes
 */
record EngineKey(
        String graph, Cuda.Gpu gpu, int version, EnginePrecision precision, long scratchBytes, Profiles profiles) {
    /** Returns the digests of a graph's files, in the order of their names. */
    static String digests(GraphFile graph) {
        return Stream.concat(
                        Stream.of(graph.file()),
                        graph.externalData().stream().sorted(Comparator.comparing(DigestedFile::file)))
                .map(DigestedFile::sha256)
                .collect(Collectors.joining("+"));
    }

    /** Returns the key as text, one line for each part. */
    String text() {
        return String.join(
                "\n",
                "graph " + graph,
                "gpu " + gpu,
                "tensorrt " + version,
                "precision " + precision,
                "scratch " + scratchBytes,
                "profiles " + profiles.all());
    }
}
