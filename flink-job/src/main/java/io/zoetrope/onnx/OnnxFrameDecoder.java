package io.zoetrope.onnx;

import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.LatentLayout;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.VideoSpec;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.decode.Frames;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import java.util.ArrayList;
import java.util.List;

/** The decoder of a bundle. Its graph returns the bytes that a video encoder reads. */
public final class OnnxFrameDecoder implements FrameDecoder {
    private final OnnxGraph graph;
    private final LatentShape shape;
    private final VideoSpec video;

    private OnnxFrameDecoder(OnnxGraph graph, LatentShape shape, VideoSpec video) {
        this.graph = graph;
        this.shape = shape;
        this.video = video;
    }

    /**
     * Loads the decoder of a bundle.
     *
     * @throws BundleException if the file cannot be loaded or differs from the manifest
     * @throws IllegalStateException if ONNX Runtime cannot use the execution provider on this machine
     */
    public static OnnxFrameDecoder open(ModelBundle bundle, SessionSpec session) {
        LatentLayout layout = bundle.manifest().latents();
        return new OnnxFrameDecoder(
                OnnxGraph.open(bundle, bundle.manifest().decoder(), "decode", session),
                new LatentShape(layout.channels(), layout.frames(), layout.height(), layout.width()),
                bundle.manifest().video());
    }

    @Override
    public List<Frames> decode(List<Latents> batch) {
        for (Latents latents : batch) {
            if (!latents.shape().equals(shape)) {
                throw new IllegalArgumentException(
                        "decoder: expected latents of " + shape + ", got " + latents.shape());
            }
        }
        PooledBuffer frames = graph.run(batch.size(), inputs -> put(batch, inputs));
        List<Frames> clips = new ArrayList<>(batch.size());
        for (PooledBuffer clip : frames.split(batch.size())) {
            clips.add(new Frames(clip, video.frameCount(), video.width(), video.height()));
        }
        return clips;
    }

    private static void put(List<Latents> batch, Binding inputs) {
        for (int row = 0; row < batch.size(); row++) {
            Latents latents = batch.get(row);
            int size = latents.shape().size();
            inputs.floats("latents").put(row * size, latents.values(), 0, size);
        }
    }

    @Override
    public long fileBytes() {
        return graph.fileBytes();
    }

    @Override
    public void close() {
        graph.close();
    }
}
