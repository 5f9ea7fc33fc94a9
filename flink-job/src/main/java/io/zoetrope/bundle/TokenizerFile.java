package io.zoetrope.bundle;

/**
 * The tokenizer.
 *
 * @param file in the Hugging Face {@code tokenizer.json} format
 * @param maxTokens the longest prompt, special tokens included
 * @param padToMultipleOf prompts are padded to a multiple of this many tokens
 */
public record TokenizerFile(DigestedFile file, int maxTokens, int padToMultipleOf) {
    /** Returns the number of tokens that a prompt of this many tokens is padded to. */
    public long paddedLength(int tokens) {
        return ((long) tokens + padToMultipleOf - 1) / padToMultipleOf * padToMultipleOf;
    }
}
