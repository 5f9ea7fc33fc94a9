package io.zoetrope.bundle;

import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The check that every tensor of the largest video and of the longest prompt fits into a buffer. Without it, a bundle
 * would open whose requests all fail. Larger batches are measured, and left out where memory does not suffice.
 */
final class TensorSizes {
    /** The largest buffer of the JVM. */
    private static final long MOST_BYTES = Integer.MAX_VALUE;

    private TensorSizes() {}

    /** Checks a manifest whose parts agree with each other. */
    static void check(Manifest manifest, List<String> faults) {
        Axes axes = largest(manifest);
        for (GraphFile graph : manifest.graphs()) {
            Stream.of(graph.inputs(), graph.outputs())
                    .map(Map::entrySet)
                    .flatMap(Set::stream)
                    .filter(tensor -> exceeds(tensor.getValue(), axes))
                    .map(tensor -> Manifest.FILE + ": " + graph.file().file() + ": expected tensors of at most "
                            + MOST_BYTES + " bytes, got " + tensor.getKey() + " " + tensor.getValue()
                            + " with " + axes.width() + "x" + axes.height() + " pixels, " + axes.frames()
                            + " frames and " + axes.length() + " tokens; list smaller sizes or fewer frames")
                    .forEach(faults::add);
        }
    }

    private static boolean exceeds(TensorSpec tensor, Axes axes) {
        try {
            return tensor.bytes(axes) > MOST_BYTES;
        } catch (ArithmeticException e) {
            return true;
        }
    }

    /** Returns the axes of one request with the longest prompt and the largest video. */
    private static Axes largest(Manifest manifest) {
        VideoSpec video = manifest.video();
        LatentLayout layout = manifest.latents();
        FrameSize size = video.sizes().stream()
                .max(Comparator.comparingLong(candidate -> (long) candidate.width() * candidate.height()))
                .orElseThrow();
        int length = Math.toIntExact(
                manifest.tokenizer().paddedLength(manifest.tokenizer().maxTokens()));
        return manifest.axes(
                1,
                length,
                layout.latentFrames(Collections.max(video.frameCounts())),
                layout.cells(size.height()),
                layout.cells(size.width()));
    }
}
