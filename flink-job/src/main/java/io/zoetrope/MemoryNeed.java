package io.zoetrope;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.LatentLayout;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.TensorSpec;
import io.zoetrope.bundle.VideoSpec;
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
        VideoSpec video = manifest.video();
        long picture = manifest.imageEncoder().isEmpty() ? 0 : 3L * video.width() * video.height();
        return madeBytes() + picture + 2 * Math.min(frameBytes(), mostRecordBytes);
    }

    /**
     * Of a device, outside the heap, whatever is in flight: buffers and inputs that wait to be used again; the inputs of a
     * run; and of each lane's last batch the buffers, which its requests share, so that the last of them holds them all.
     */
    long deviceBytes(int lanes) {
        long bytes = ModelLanes.MOST_IDLE_BUFFER_BYTES + lanes * (batch(largestBatch()) - 1) * madeBytes();
        for (GraphFile graph : graphs().toList()) {
            long inputs = inputBytes(graph);
            bytes += Math.max(inputs, SessionSpec.MOST_IDLE_INPUT_BYTES) + lanes * inputs;
        }
        return bytes;
    }

    /** Text embedding, first frame, latents, the noise or velocity beside them, frames. */
    private long madeBytes() {
        LatentLayout layout = manifest.latents();
        long still = (long) Float.BYTES * layout.channels() * layout.height() * layout.width();
        long latents = still * layout.frames();
        return BufferPool.mostFor(Float.BYTES * paddedLength() * manifest.textWidth())
                + (manifest.imageEncoder().isEmpty() ? 0 : BufferPool.mostFor(still))
                + 2 * BufferPool.mostFor(latents)
                + BufferPool.mostFor(frameBytes());
    }

    private long frameBytes() {
        VideoSpec video = manifest.video();
        return (long) video.frameCount() * video.width() * video.height() * 3 / 2;
    }

    private long paddedLength() {
        long multiple = manifest.tokenizer().padToMultipleOf();
        return (manifest.tokenizer().maxTokens() + multiple - 1) / multiple * multiple;
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

    private long inputBytes(GraphFile graph) {
        return graph.inputs().values().stream()
                .mapToLong(input -> bytes(input, batch(graph.maxBatch())))
                .sum();
    }

    private long bytes(TensorSpec input, long batch) {
        long bytes = switch (input.dtype()) {
            case FLOAT32 -> Float.BYTES;
            case INT64 -> Long.BYTES;
            case UINT8 -> 1;
        };
        for (String size : input.shape()) {
            bytes *= switch (size) {
                case "B" -> batch;
                case "L" -> paddedLength();
                default -> Long.parseLong(size);
            };
        }
        return bytes;
    }
}
