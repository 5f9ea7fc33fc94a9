package io.zoetrope.image;

import java.util.List;

/** Turns pictures into the latents of first frames. */
public interface ImageEncoder extends AutoCloseable {
    /**
     * Encodes a batch in one run.
     *
     * @param batch at least one picture; all of one size, and of videos of one length
     * @return the latents of each picture, in the order of the batch, for the caller to close
     * @throws io.zoetrope.failure.RequestException INFERENCE_FAILED if the model fails on this batch, OUT_OF_MEMORY
     *     if the device has too little memory for it
     */
    List<FirstFrame> encode(List<FirstFrameInput> batch);

    /** Returns the bytes of the model's files, as an estimate of the memory that it holds; 0 if it has no files. */
    long fileBytes();

    /**
     * Makes the run that a thread has in progress fail soon, if the runtime can. Another thread calls it while the run
     * takes too long; it does not block.
     *
     * @param runner the thread in {@link #encode}
     */
    default void endRun(Thread runner) {}

    /** Frees the model. The caller makes sure that no other call is running or follows. */
    @Override
    void close();
}
