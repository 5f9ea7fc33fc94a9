package io.zoetrope.decode;

import io.zoetrope.generate.Latents;
import java.util.List;

/** Turns clean latents into pictures. */
public interface FrameDecoder extends AutoCloseable {
    /**
     * Decodes a batch in one run.
     *
     * @param latents of a batch, [B,C,T,H,W]
     * @return B videos' frames, in the batch's order
     * @throws io.zoetrope.failure.RequestException INFERENCE_FAILED if the model cannot be run on this batch
     */
    List<Frames> decode(Latents latents);

    /** Frees the model. No other call may be running or follow. */
    @Override
    void close();
}
