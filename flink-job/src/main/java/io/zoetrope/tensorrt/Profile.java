package io.zoetrope.tensorrt;

import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.TensorSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The shapes of a graph's inputs for one size and length of video: batches from one to the largest, and prompts of all
 * lengths. TensorRT chooses kernels for the optimal shape.
 *
 * @param inputs the shapes of each input that varies, by name
 * @param values the only value of each input that chooses the shape of the output, by name
 */
record Profile(SortedMap<String, Shapes> inputs, SortedMap<String, Long> values) {
    /** The input of an image encoder that chooses the length of its output. */
    static final String LATENT_FRAMES = "latent_frames";

    Profile {
        inputs = Collections.unmodifiableSortedMap(new TreeMap<>(inputs));
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /**
     * The shapes of an input.
     *
     * @param smallest the smallest size of each axis
     * @param optimal the size of each axis in the largest batch
     * @param largest the largest size of each axis
     */
    record Shapes(List<Long> smallest, List<Long> optimal, List<Long> largest) {
        Shapes {
            smallest = List.copyOf(smallest);
            optimal = List.copyOf(optimal);
            largest = List.copyOf(largest);
        }

        boolean accepts(List<Long> shape) {
            for (int axis = 0; axis < shape.size(); axis++) {
                if (shape.get(axis) < smallest.get(axis) || shape.get(axis) > largest.get(axis)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Returns the profile of a graph for the runs between two, of which the larger is the optimal one. */
    static Profile between(GraphFile graph, Axes smallest, Axes largest) {
        TreeMap<String, Shapes> inputs = new TreeMap<>();
        for (Map.Entry<String, TensorSpec> input : graph.inputs().entrySet()) {
            if (input.getValue().shape().stream().anyMatch(TensorSpec::varies)) {
                List<Long> most = shape(input.getValue(), largest);
                inputs.put(input.getKey(), new Shapes(shape(input.getValue(), smallest), most, most));
            }
        }
        TreeMap<String, Long> values = new TreeMap<>();
        if (graph.inputs().containsKey(LATENT_FRAMES)) {
            values.put(LATENT_FRAMES, (long) largest.latentFrames());
        }
        return new Profile(inputs, values);
    }

    /** Returns the sizes of a tensor's axes in a run. */
    static List<Long> shape(TensorSpec tensor, Axes axes) {
        return Arrays.stream(tensor.sizes(axes)).boxed().toList();
    }

    /** Returns whether it has only one shape, so that every run does the same work. */
    boolean isFixed() {
        return inputs.values().stream().allMatch(shapes -> shapes.smallest().equals(shapes.largest()));
    }

    /** Returns whether a run of a graph has shapes of this profile. */
    boolean accepts(GraphFile graph, Axes axes) {
        return values.values().stream().allMatch(value -> value == axes.latentFrames())
                && inputs.entrySet().stream()
                        .allMatch(input -> input.getValue()
                                .accepts(shape(
                                        Objects.requireNonNull(graph.inputs().get(input.getKey())), axes)));
    }

    /** Returns the shapes as text: {@code latents 1x2x2 to 4x2x2}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        inputs.forEach((name, shapes) -> text.append(text.isEmpty() ? "" : ", ")
                .append(name)
                .append(' ')
                .append(text(shapes.smallest()))
                .append(" to ")
                .append(text(shapes.largest())));
        values.forEach((name, value) -> text.append(text.isEmpty() ? "" : ", ")
                .append(name)
                .append(" = ")
                .append(value));
        return text.toString();
    }

    private static String text(List<Long> shape) {
        return String.join("x", shape.stream().map(String::valueOf).toList());
    }
}
