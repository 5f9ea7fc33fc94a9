package io.zoetrope.image;

import java.util.List;

/** Turns pictures into what the generator reads. */
public interface ImageEncoder extends AutoCloseable {
    /**
     * Encodes a batch in one run.
     *
     * @param batch pictures in the model's size, at least one
     * @return the latents of each, in their order, for the caller to close
     * @throws io.zoetrope.failure.RequestException INFERENCE_FAILED if the model cannot be run on this batch, or
     *     OUT_OF_MEMORY if the device has too little for it
     */
    List<FirstFrame> encode(List<Picture> batch);

    /** Returns the bytes of the model's files, as an estimate of the memory that it holds; 0 if it has no files. */
    long fileBytes();

    /** Frees the model. No other call may be running or follow. */
    @Override
    void close();
}
