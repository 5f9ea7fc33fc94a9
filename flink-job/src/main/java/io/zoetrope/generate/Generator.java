package io.zoetrope.generate;

import java.util.List;

/**
 * The diffusion transformer: the velocity v(x, t, condition) of the flow x_t = (1 - t) x + t z from a clip x to noise z, so
 * v = z - x. A sampler does the arithmetic around it.
 */
public interface Generator extends AutoCloseable {
    /** The latents of one video. */
    LatentShape latentShape();

    /**
     * Gives the velocity of a batch in one pass.
     *
     * @param x where on the flow each video is, [B,C,T,H,W]; it is read, not changed or closed
     * @param t the timestep, of every video in the batch, in (0, 1]: 1 is noise
     * @param conditions B of them, with text of one padded length, and with or without a first frame side by side
     * @return the velocity, [B,C,T,H,W], for the caller to close
     * @throws IllegalArgumentException if a first frame comes and this generator takes none
     * @throws io.zoetrope.failure.RequestException INFERENCE_FAILED if the model cannot be run on this batch, or
     *     OUT_OF_MEMORY if the device has too little for it
     */
    LatentBatch velocity(LatentBatch x, float t, List<Condition> conditions);

    /** Returns the bytes of the model's files, as an estimate of the memory that it holds; 0 if it has no files. */
    long fileBytes();

    /** Frees the model. No other call may be running or follow. */
    @Override
    void close();
}
