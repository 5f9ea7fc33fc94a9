package io.zoetrope.onnx;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.VideoTerms;
import io.zoetrope.decode.FrameDecoder;
import io.zoetrope.decode.Frames;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A bundle's decoder; its graph ends in the bytes that a video encoder eats. */
public final class OnnxFrameDecoder implements FrameDecoder {
    private final OnnxGraph graph;
    private final VideoTerms video;

    private OnnxFrameDecoder(OnnxGraph graph, VideoTerms video) {
        this.graph = graph;
        this.video = video;
    }

    /**
     * Loads the decoder of a bundle.
     *
     * @param threads that a run may use; 0 for one a core
     * @throws BundleException if the file cannot be loaded or is not what the manifest says
     */
    public static OnnxFrameDecoder open(ModelBundle bundle, int threads) {
        return new OnnxFrameDecoder(
                OnnxGraph.open(bundle, bundle.manifest().decoder(), "decode", threads),
                bundle.manifest().video());
    }

    @Override
    public List<Frames> decode(Latents latents) {
        graph.checkBatch(latents.batch());
        LatentShape shape = latents.shape();
        int rows = video.height() * 3 / 2;
        int clip = video.frameCount() * rows * video.width();
        ByteBuffer frames = Binding.bytes(Math.multiplyExact(latents.batch(), clip));
        graph.run(
                List.of(Binding.float32(
                        "latents",
                        latents.values(),
                        latents.batch(),
                        shape.channels(),
                        shape.frames(),
                        shape.height(),
                        shape.width())),
                Binding.uint8("frames", frames, latents.batch(), video.frameCount(), rows, video.width()));
        List<Frames> clips = new ArrayList<>(latents.batch());
        for (int i = 0; i < latents.batch(); i++) {
            clips.add(new Frames(frames.slice(i * clip, clip), video.frameCount(), video.width(), video.height()));
        }
        return clips;
    }

    @Override
    public void close() {
        graph.close();
    }
}
