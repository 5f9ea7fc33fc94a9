package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.List;

/**
 * The diffusion transformer: the velocity v(x, t, condition) of the flow x_t = (1 - t) x + t z from a clip x to noise
 * z, so v = z - x. A sampler does the arithmetic around it.
 */
public interface Generator extends AutoCloseable {
    /**
     * Computes the velocity of a batch in one pass.
     *
     * @param x the point x_t of each video on the flow, [B,C,T,H,W]; it is neither changed nor closed
     * @param level the noise level of all videos of the batch
     * @param conditions B conditions, with text of one padded length; some may have a first frame and others not, unless
     *     this generator needs one
     * @return the velocity, [B,C,T,H,W], for the caller to close
     * @throws IllegalArgumentException if a condition has a first frame and this generator does not take one, or
     *     has none and this generator needs one
     * @throws io.zoetrope.failure.RequestException INFERENCE_FAILED if the model fails on this batch, OUT_OF_MEMORY
     *     if the device has too little memory for it
     */
    LatentBatch velocity(LatentBatch x, NoiseLevel level, List<Condition> conditions);

    /**
     * Starts a batch of videos from noise. The latents are where this generator computes; by default, on the host.
     *
     * @param seeds one seed per condition
     * @param buffers the pool of latents on the host
     * @return the flow, for the caller to close; it reads the conditions, which their owner closes later
     * @throws IllegalArgumentException if the number of seeds is not that of the conditions
     */
    default Flow startFlow(LatentShape shape, List<Condition> conditions, long[] seeds, BufferPool buffers) {
        return HostFlow.fromNoise(shape, conditions, seeds, buffers);
    }

    /** Returns the bytes of the model's files, as an estimate of the memory that it holds; 0 if it has no files. */
    long fileBytes();

    /**
     * Makes the run that a thread has in progress fail soon, if the runtime can. Another thread calls it while the run
     * takes too long; it does not block.
     *
     * @param runner the thread in {@link #velocity}
     */
    default void endRun(Thread runner) {}

    /** Frees the model. The caller makes sure that no other call is running or follows. */
    @Override
    void close();
}
