package io.zoetrope.onnx;

import io.zoetrope.buffer.PooledBuffer;
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

/** The image encoder of a bundle. Its graph takes the bytes of pictures. */
public final class OnnxImageEncoder implements ImageEncoder {
    private static final String LATENT_FRAMES = "latent_frames";

    private final OnnxGraph graph;
    private final Manifest manifest;

    private OnnxImageEncoder(OnnxGraph graph, Manifest manifest) {
        this.graph = graph;
        this.manifest = manifest;
    }

    /**
     * Loads the image encoder of a bundle.
     *
     * @throws BundleException if the bundle has none, or the file cannot be loaded or differs from the manifest
     * @throws IllegalStateException if ONNX Runtime cannot use the execution provider on this machine
     */
    public static OnnxImageEncoder open(ModelBundle bundle, SessionSpec session) {
        GraphFile spec = bundle.manifest()
                .imageEncoder()
                .orElseThrow(() -> new BundleException(
                        bundle.directory(), List.of("manifest.json: image_encoder: expected one, it is missing")));
        return new OnnxImageEncoder(OnnxGraph.open(bundle, spec, "image", session), bundle.manifest());
    }

    @Override
    public List<FirstFrame> encode(List<FirstFrameInput> batch) {
        FirstFrameInput first = batch.get(0);
        int width = first.picture().width();
        int height = first.picture().height();
        for (FirstFrameInput input : batch) {
            Picture picture = input.picture();
            if (picture.width() != width || picture.height() != height) {
                throw new IllegalArgumentException("image encoder: expected pictures of one size, " + width + "x"
                        + height + ", got " + picture.width() + "x" + picture.height());
            }
            if (input.latentFrames() != first.latentFrames()) {
                throw new IllegalArgumentException("image encoder: expected videos of one number of latent frames, "
                        + first.latentFrames() + ", got " + input.latentFrames());
            }
        }
        LatentLayout layout = manifest.latents();
        Axes axes = manifest.axes(batch.size(), 0, first.latentFrames(), layout.cells(height), layout.cells(width));
        PooledBuffer encoded = graph.run(axes, inputs -> put(batch, inputs));
        return encoded.split(batch.size()).stream().map(FirstFrame::new).toList();
    }

    private static void put(List<FirstFrameInput> batch, Binding inputs) {
        for (int row = 0; row < batch.size(); row++) {
            Picture picture = batch.get(row).picture();
            int size = picture.rgb().remaining();
            inputs.bytes("image").put(row * size, picture.rgb(), 0, size);
        }
        if (inputs.has(LATENT_FRAMES)) {
            inputs.longs(LATENT_FRAMES).put(0, batch.get(0).latentFrames());
        }
    }

    @Override
    public long fileBytes() {
        return graph.fileBytes();
    }

    @Override
    public void endRun(Thread runner) {
        graph.endRun(runner);
    }

    @Override
    public void close() {
        graph.close();
    }
}
