package io.zoetrope.tensorrt;

import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.FrameSize;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.LatentLayout;
import io.zoetrope.bundle.Manifest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The profiles of a graph's engine: one for each size and length of video that its inputs distinguish. The manifest
 * lists them all, so no request makes TensorRT build an engine.
 *
 * @param graph the graph
 * @param all the profiles; one without inputs for a graph whose inputs have one shape
 */
record Profiles(GraphFile graph, List<Profile> all) {
    Profiles {
        all = List.copyOf(all);
    }

    /**
     * Returns the profiles of a graph.
     *
     * @param batchMax the largest batch that the job makes; the graph may accept less
     */
    static Profiles of(GraphFile graph, Manifest manifest, int batchMax) {
        int batch = Math.min(batchMax, graph.maxBatch());
        int shortest = Math.toIntExact(manifest.tokenizer().paddedLength(1));
        int longest = Math.toIntExact(
                manifest.tokenizer().paddedLength(manifest.tokenizer().maxTokens()));
        LatentLayout latents = manifest.latents();
        Set<Profile> profiles = new LinkedHashSet<>();
        for (FrameSize size : manifest.video().sizes()) {
            for (int frames : manifest.video().frameCounts()) {
                int latentFrames = latents.latentFrames(frames);
                int height = latents.cells(size.height());
                int width = latents.cells(size.width());
                profiles.add(Profile.between(
                        graph,
                        manifest.axes(1, shortest, latentFrames, height, width),
                        manifest.axes(batch, longest, latentFrames, height, width)));
            }
        }
        return new Profiles(graph, List.copyOf(profiles));
    }

    /**
     * Returns the index of the profile that a run needs.
     *
     * @throws IllegalArgumentException if there is none
     */
    int indexFor(Axes axes) {
        for (int index = 0; index < all.size(); index++) {
            if (all.get(index).accepts(graph, axes)) {
                return index;
            }
        }
        throw new IllegalArgumentException(
                graph.file().file() + ": expected shapes of a profile of its engine, " + all + ", got " + axes
                        + "; a batch is at most batch-max, and the manifest lists the videos and the prompts");
    }
}
