package io.zoetrope.decode;

import io.zoetrope.generate.Latents;
import java.util.List;

/** Turns clean latents into pictures. */
public interface FrameDecoder extends AutoCloseable {
    /**
     * Decodes a batch in one run.
     *
     * @param batch latents of one shape, at least one video's; they stay the caller's
     * @return each video's frames, in the batch's order, for the caller to close
     * @throws io.zoetrope.failure.RequestException INFERENCE_FAILED if the model cannot be run on this batch, or
     *     OUT_OF_MEMORY if the device has too little for it
     */
    List<Frames> decode(List<Latents> batch);

    /** Returns the bytes of the model's files, as an estimate of the memory that it holds; 0 if it has no files. */
    long fileBytes();

    /** Frees the model. No other call may be running or follow. */
    @Override
    void close();
}
