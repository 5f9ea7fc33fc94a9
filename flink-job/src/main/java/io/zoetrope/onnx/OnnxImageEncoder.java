package io.zoetrope.onnx;

import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.ImageEncoder;
import io.zoetrope.image.Picture;
import java.util.List;

/** The image encoder of a bundle. Its graph takes the bytes of pictures. */
public final class OnnxImageEncoder implements ImageEncoder {
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
    public List<FirstFrame> encode(List<Picture> batch) {
        int width = batch.get(0).width();
        int height = batch.get(0).height();
        for (Picture picture : batch) {
            if (picture.width() != width || picture.height() != height) {
                throw new IllegalArgumentException("image encoder: expected pictures of one size, " + width + "x"
                        + height + ", got " + picture.width() + "x" + picture.height());
            }
        }
        manifest.video().requireSize(width, height);
        Axes axes = Axes.ofFirstFrames(manifest.latents(), batch.size(), width, height);
        PooledBuffer latents = graph.run(axes, inputs -> put(batch, inputs));
        return latents.split(batch.size()).stream().map(FirstFrame::new).toList();
    }

    private static void put(List<Picture> batch, Binding inputs) {
        for (int row = 0; row < batch.size(); row++) {
            Picture picture = batch.get(row);
            int size = picture.rgb().remaining();
            inputs.bytes("image").put(row * size, picture.rgb(), 0, size);
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
