package io.zoetrope;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.FrameSize;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.LatentLayout;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.onnx.SessionSpec;
import java.util.Collections;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Upper bounds of the memory that a bundle needs in addition to its sessions. The memory of the requests grows with
 * their number; the memory of a device's lanes does not.
 *
 * @param manifest the manifest of the bundle
 * @param batchMax the largest number of requests in a batch, unless a graph accepts fewer
 * @param maxRecordBytes the largest size of one answer's record
 */
record MemoryNeed(Manifest manifest, int batchMax, long maxRecordBytes) {
    /**
     * Returns the memory of a request: the outputs of all its stages, although they do not exist at the same time; its
     * first frame, decoded; its video, which is not larger than its frames or a record; and the record of the
     * video.
     *
     * <p>The bytes of the event are not included, because Flink holds them.
     */
    long requestBytes() {
        long picture =
                manifest.imageEncoder().map(encoder -> inputBytes(encoder, 1)).orElse(0L);
        return outputBytes() + picture + 2 * Math.min(outputBytes(manifest.decoder()), maxRecordBytes);
    }

    /**
     * Returns the memory of a device outside the heap, which does not depend on the requests in flight: the idle
     * buffers and inputs that are kept for reuse; the inputs of each lane's run; and the buffers of each lane's last
     * batch. The requests of a batch share its buffers, so the last request of a batch holds all of them.
     *
     * @param lanes the number of lanes of the device
     */
    long deviceBytes(int lanes) {
        long bytes = ModelLanes.MOST_IDLE_BUFFER_BYTES + lanes * (batch(largestBatch()) - 1) * outputBytes();
        for (GraphFile graph : manifest.graphs()) {
            long inputs = inputBytes(graph, batch(graph.maxBatch()));
            bytes += Math.max(inputs, SessionSpec.MAX_IDLE_INPUT_BYTES) + lanes * inputs;
        }
        return bytes;
    }

    /**
     * Returns the bytes of all outputs of a request's graphs, and of the noise or latents that exist with the velocity.
     */
    private long outputBytes() {
        long outputs = stages().mapToLong(graph -> BufferPool.maxCapacity(outputBytes(graph)))
                .sum();
        return outputs + BufferPool.maxCapacity(outputBytes(manifest.anyGenerator()));
    }

    /** Returns the axes of the longest prompt and the largest video. */
    private Axes largest(int batch) {
        LatentLayout layout = manifest.latents();
        FrameSize size = manifest.video().sizes().stream()
                .max(Comparator.comparingLong(candidate -> (long) candidate.width() * candidate.height()))
                .orElseThrow();
        return manifest.axes(
                batch,
                Math.toIntExact(
                        manifest.tokenizer().paddedLength(manifest.tokenizer().maxTokens())),
                layout.latentFrames(Collections.max(manifest.video().frameCounts())),
                layout.cells(size.height()),
                layout.cells(size.width()));
    }

    /** Returns the graph of each stage; all generators of a bundle have the same outputs. */
    private Stream<GraphFile> stages() {
        return Stream.of(
                        Optional.of(manifest.textEncoder()),
                        manifest.imageEncoder(),
                        Optional.of(manifest.anyGenerator()),
                        Optional.of(manifest.decoder()))
                .flatMap(Optional::stream);
    }

    private int largestBatch() {
        return stages().mapToInt(GraphFile::maxBatch).max().orElseThrow();
    }

    private long batch(int maxBatchOfGraph) {
        return Math.min(batchMax, maxBatchOfGraph);
    }

    private long inputBytes(GraphFile graph, long batch) {
        return graph.inputs().values().stream()
                .mapToLong(input -> input.bytes(largest(Math.toIntExact(batch))))
                .sum();
    }

    /** Returns the bytes of one video in a graph's output. */
    private long outputBytes(GraphFile graph) {
        return graph.output().getValue().bytes(largest(1));
    }
}
