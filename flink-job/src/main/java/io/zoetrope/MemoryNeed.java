package io.zoetrope;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.onnx.SessionSpec;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Memory that a bundle is served in, at most, beside its sessions. What requests hold grows with their number; what a
 * device's lanes keep does not.
 *
 * @param manifest of the bundle
 * @param batchMax most requests in a batch, unless a graph takes fewer
 * @param mostRecordBytes of one answer
 */
record MemoryNeed(Manifest manifest, int batchMax, long mostRecordBytes) {
    /**
     * Of a request: all that its stages make, though they do not make it at one time; the picture that it starts from; the
     * video, no larger than its frames and no larger than a record may be, and the record that it becomes.
     *
     * <p>Not the event as it came, which is Flink's to hold.
     */
    long requestBytes() {
        long picture =
                manifest.imageEncoder().map(encoder -> inputBytes(encoder, 1)).orElse(0L);
        return madeBytes() + picture + 2 * Math.min(outputBytes(manifest.decoder()), mostRecordBytes);
    }

    /**
     * Of a device, outside the heap, whatever is in flight: buffers and inputs that wait to be used again; the inputs of a
     * run; and of each lane's last batch the buffers, which its requests share, so that the last of them holds them all.
     */
    long deviceBytes(int lanes) {
        long bytes = ModelLanes.MOST_IDLE_BUFFER_BYTES + lanes * (batch(largestBatch()) - 1) * madeBytes();
        for (GraphFile graph : graphs().toList()) {
            long inputs = inputBytes(graph, batch(graph.maxBatch()));
            bytes += Math.max(inputs, SessionSpec.MAX_IDLE_INPUT_BYTES) + lanes * inputs;
        }
        return bytes;
    }

    /** Returns the bytes of all outputs that a request's graphs make, and of the noise or latents beside the velocity. */
    private long madeBytes() {
        long outputs = graphs().mapToLong(graph -> BufferPool.maxCapacity(outputBytes(graph)))
                .sum();
        return outputs + BufferPool.maxCapacity(outputBytes(manifest.generator()));
    }

    private long paddedLength() {
        return manifest.tokenizer().paddedLength(manifest.tokenizer().maxTokens());
    }

    private Stream<GraphFile> graphs() {
        return Stream.of(
                        Optional.of(manifest.textEncoder()),
                        manifest.imageEncoder(),
                        Optional.of(manifest.generator()),
                        Optional.of(manifest.decoder()))
                .flatMap(Optional::stream);
    }

    private int largestBatch() {
        return graphs().mapToInt(GraphFile::maxBatch).max().orElseThrow();
    }

    private long batch(int mostOfGraph) {
        return Math.min(batchMax, mostOfGraph);
    }

    private long inputBytes(GraphFile graph, long batch) {
        return graph.inputs().values().stream()
                .mapToLong(input -> input.bytes(batch, paddedLength()))
                .sum();
    }

    /** Returns the bytes of one video in a graph's output. */
    private long outputBytes(GraphFile graph) {
        return graph.output().getValue().bytes(1, paddedLength());
    }
}
