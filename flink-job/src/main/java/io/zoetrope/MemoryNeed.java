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
 * Upper bounds of the memory that a bundle needs besides its sessions. The memory of the requests grows with their
 * number; the memory of a device's lanes does not.
 *
 * @param manifest the manifest of the bundle
 * @param batchMax the most requests in a batch, if a graph does not accept fewer
 * @param maxRecordBytes the largest size of one answer's record
 */
record MemoryNeed(Manifest manifest, int batchMax, long maxRecordBytes) {
    /**
     * Returns the memory of a request: the outputs of all its stages, although they do not exist at the same time; its
     * first frame, decoded; its video, which is not larger than its frames nor than a record; and the record of the
     * video.
     *
     * <p>The bytes of the event are not included, because Flink holds them.
     */
    long requestBytes() {
        VideoSpec video = manifest.video();
        long picture = manifest.imageEncoder().isEmpty() ? 0 : 3L * video.width() * video.height();
        return outputBytes() + picture + 2 * Math.min(frameBytes(), maxRecordBytes);
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
        for (GraphFile graph : graphs().toList()) {
            long inputs = inputBytes(graph);
            bytes += Math.max(inputs, SessionSpec.MOST_IDLE_INPUT_BYTES) + lanes * inputs;
        }
        return bytes;
    }

    /**
     * Returns the bytes of a text embedding, an encoded first frame, latents, the noise or velocity of them, and
     * frames.
     */
    private long outputBytes() {
        LatentLayout layout = manifest.latents();
        long latentFrame = (long) Float.BYTES * layout.channels() * layout.height() * layout.width();
        long latents = latentFrame * layout.frames();
        return BufferPool.mostFor(Float.BYTES * paddedLength() * manifest.textWidth())
                + (manifest.imageEncoder().isEmpty() ? 0 : BufferPool.mostFor(latentFrame))
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

    private long batch(int maxBatchOfGraph) {
        return Math.min(batchMax, maxBatchOfGraph);
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
