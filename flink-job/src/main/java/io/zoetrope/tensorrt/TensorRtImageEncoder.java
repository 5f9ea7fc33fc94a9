package io.zoetrope.tensorrt;

import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.LatentLayout;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.FirstFrameInput;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.image.Picture;
import java.util.List;

/** The image encoder of a bundle. First frames stay on the GPU. */
public final class TensorRtImageEncoder implements ImageEncoder {
    private final EngineGraph graph;
    private final Manifest manifest;

    private TensorRtImageEncoder(EngineGraph graph, Manifest manifest) {
        this.graph = graph;
        this.manifest = manifest;
    }

    /**
     * Opens the image encoder of a bundle; builds its engine, unless it is stored.
     *
     * @throws BundleException if the bundle has none, TensorRT cannot read the graph, or it differs from the manifest
     * @throws IllegalStateException if this process cannot use the GPU
     */
    public static TensorRtImageEncoder open(ModelBundle bundle, EngineSpec spec) {
        GraphFile graph = bundle.manifest()
                .imageEncoder()
                .orElseThrow(() -> new BundleException(
                        bundle.directory(), List.of("manifest.json: image_encoder: expected one, it is missing")));
        return new TensorRtImageEncoder(EngineGraph.open(bundle, graph, "image", spec), bundle.manifest());
    }

    @Override
    public List<FirstFrame> encode(List<FirstFrameInput> batch) {
        FirstFrameInput first = batch.get(0);
        int width = first.picture().width();
        int height = first.picture().height();
        for (FirstFrameInput input : batch) {
            Picture picture = input.picture();
            if (picture.width() != width
                    || picture.height() != height
                    || input.latentFrames() != first.latentFrames()) {
                throw new IllegalArgumentException("image encoder: expected pictures of one size and videos of one"
                        + " length, " + width + "x" + height + " and " + first.latentFrames() + ", got "
                        + picture.width() + "x" + picture.height() + " and " + input.latentFrames());
            }
        }
        LatentLayout layout = manifest.latents();
        Axes axes = manifest.axes(batch.size(), 0, first.latentFrames(), layout.cells(height), layout.cells(width));
        DeviceFloats encoded = graph.toDevice(axes, inputs -> put(batch, inputs));
        return encoded.split(batch.size()).stream().map(FirstFrame::new).toList();
    }

    private static void put(List<FirstFrameInput> batch, EngineInputs inputs) {
        for (int row = 0; row < batch.size(); row++) {
            Picture picture = batch.get(row).picture();
            int size = picture.rgb().remaining();
            inputs.bytes("image").put(row * size, picture.rgb(), 0, size);
        }
        if (inputs.has(Profile.LATENT_FRAMES)) {
            inputs.longs(Profile.LATENT_FRAMES).put(0, batch.get(0).latentFrames());
        }
    }

    @Override
    public long fileBytes() {
        return graph.bytes();
    }

    @Override
    public void close() {
        graph.close();
    }
}
