package io.zoetrope.onnx;

import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.FrameSize;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.LatentLayout;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongBinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The shapes of a graph's inputs that a TensorRT engine is built for, as ONNX Runtime reads them:
 * {@code latents:1x16x5x8x8,timestep:1}. Empty texts for a graph whose inputs have one shape.
 *
 * <p>An engine accepts each shape between the smallest and the largest, and is fastest at the optimal one. The bundle's
 * sizes, lengths and prompts bound the shapes, so no request makes TensorRT build an engine while prompts wait for it.
 *
 * @param smallest the smallest size of each axis: one prompt of the smallest video
 * @param optimal the shapes of the largest batch of the default video
 * @param largest the largest size of each axis
 */
record ProfileShapes(String smallest, String optimal, String largest) {
    /**
     * Returns the shapes of a graph.
     *
     * @param batchMax the largest batch that the job makes; the graph may accept less
     */
    static ProfileShapes of(GraphFile graph, Manifest manifest, int batchMax) {
        int batch = Math.min(batchMax, graph.maxBatch());
        int longest = Math.toIntExact(
                manifest.tokenizer().paddedLength(manifest.tokenizer().maxTokens()));
        List<Axes> corners = corners(manifest, batch, longest);
        Axes usual = manifest.defaultAxes(batch, longest);
        TreeMap<String, TensorSpec> varying = new TreeMap<>(graph.inputs());
        varying.values().removeIf(tensor -> tensor.shape().stream().noneMatch(TensorSpec::varies));
        return new ProfileShapes(
                text(varying, corners, Math::min),
                text(varying, List.of(usual), Math::max),
                text(varying, corners, Math::max));
    }

    /** Returns the axes of the smallest and the largest runs: each video in a batch of one and in the largest batch. */
    private static List<Axes> corners(Manifest manifest, int batch, int longest) {
        int shortest = Math.toIntExact(manifest.tokenizer().paddedLength(1));
        LatentLayout latents = manifest.latents();
        List<Axes> corners = new ArrayList<>();
        for (FrameSize size : manifest.video().sizes()) {
            for (int frames : manifest.video().frameCounts()) {
                int latentFrames = latents.latentFrames(frames);
                int height = latents.cells(size.height());
                int width = latents.cells(size.width());
                corners.add(manifest.axes(1, shortest, latentFrames, height, width));
                corners.add(manifest.axes(batch, longest, latentFrames, height, width));
            }
        }
        return corners;
    }

    private static String text(TreeMap<String, TensorSpec> inputs, List<Axes> corners, LongBinaryOperator choose) {
        return inputs.entrySet().stream()
                .map(input -> input.getKey() + ":"
                        + Arrays.stream(sizes(input.getValue(), corners, choose))
                                .mapToObj(Long::toString)
                                .collect(Collectors.joining("x")))
                .collect(Collectors.joining(","));
    }

    private static long[] sizes(TensorSpec tensor, List<Axes> corners, LongBinaryOperator choose) {
        return corners.stream()
                .map(tensor::sizes)
                .reduce((one, other) -> LongStream.range(0, one.length)
                        .map(axis -> choose.applyAsLong(one[(int) axis], other[(int) axis]))
                        .toArray())
                .orElseThrow();
    }

    boolean isEmpty() {
        return largest.isEmpty();
    }
}
