package io.zoetrope.text;

import java.util.List;

/** Turns tokens into what the generator reads. */
public interface TextEncoder extends AutoCloseable {
    /**
     * Encodes a batch in one run.
     *
     * @param batch prompts of one padded length, at least one
     * @return one embedding for each prompt, in their order, for the caller to close
     * @throws io.zoetrope.failure.RequestException INFERENCE_FAILED if the model cannot be run on this batch, or
     *     OUT_OF_MEMORY if the device has too little for it
     */
    List<TextEmbedding> encode(List<Tokens> batch);

    /** Returns the bytes of the model's files, as an estimate of the memory that it holds; 0 if it has no files. */
    long fileBytes();

    /** Frees the model. No other call may be running or follow. */
    @Override
    void close();
}
