package io.zoetrope.onnx;

import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.BundleException;
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

/** The decoder of a bundle. Its graph returns the bytes that a video encoder reads. */
public final class OnnxFrameDecoder implements FrameDecoder {
    private final OnnxGraph graph;
    private final Manifest manifest;

    private OnnxFrameDecoder(OnnxGraph graph, Manifest manifest) {
        this.graph = graph;
        this.manifest = manifest;
    }

    /**
     * Loads the decoder of a bundle.
     *
     * @throws BundleException if the file cannot be loaded or differs from the manifest
     * @throws IllegalStateException if ONNX Runtime cannot use the execution provider on this machine
     */
    public static OnnxFrameDecoder open(ModelBundle bundle, SessionSpec session) {
        return new OnnxFrameDecoder(
                OnnxGraph.open(bundle, bundle.manifest().decoder(), "decode", session), bundle.manifest());
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
        PooledBuffer frames = graph.run(axes, inputs -> put(batch, inputs));
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
    public void endRun(Thread runner) {
        graph.endRun(runner);
    }

    @Override
    public void close() {
        graph.close();
    }
}
