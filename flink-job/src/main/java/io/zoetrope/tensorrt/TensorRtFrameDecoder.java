package io.zoetrope.tensorrt;

import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.decode.Frames;
import io.zoetrope.decode.VideoLevels;
import io.zoetrope.failure.RequestException;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import java.util.ArrayList;
import java.util.List;

/** The decoder of a bundle. It reads latents where the generator left them, and copies only its 8-bit frames to the host. */
public final class TensorRtFrameDecoder implements FrameDecoder {
    private final EngineGraph graph;
    private final Manifest manifest;

    private TensorRtFrameDecoder(EngineGraph graph, Manifest manifest) {
        this.graph = graph;
        this.manifest = manifest;
    }

    /**
     * Opens the decoder of a bundle; builds its engine, unless it is stored.
     *
     * @throws io.zoetrope.bundle.BundleException if TensorRT cannot read the graph, or it differs from the manifest
     * @throws IllegalStateException if this process cannot use the GPU
     */
    public static TensorRtFrameDecoder open(ModelBundle bundle, EngineSpec spec) {
        return new TensorRtFrameDecoder(
                EngineGraph.open(bundle, bundle.manifest().decoder(), "decode", spec), bundle.manifest());
    }

    @Override
    public List<Frames> decode(List<Latents> batch) {
        LatentShape shape = batch.get(0).shape();
        for (Latents latents : batch) {
            if (!latents.shape().equals(shape)) {
                throw new IllegalArgumentException(
                        "decoder: expected latents of one shape, " + shape + ", got " + latents.shape());
            }
        }
        Axes axes = manifest.axes(batch.size(), 0, shape.frames(), shape.height(), shape.width());
        PooledBuffer frames = graph.toHost(axes, inputs -> {
            for (int row = 0; row < batch.size(); row++) {
                inputs.put("latents", row * shape.size(), batch.get(row).memory());
            }
        });
        try {
            VideoLevels.require(frames.bytes(), manifest.decoder().file().file());
        } catch (RequestException e) {
            frames.close();
            throw e;
        }
        List<Frames> clips = new ArrayList<>(batch.size());
        for (PooledBuffer clip : frames.split(batch.size())) {
            clips.add(new Frames(clip, axes.frames(), axes.width(), axes.height()));
        }
        return clips;
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
