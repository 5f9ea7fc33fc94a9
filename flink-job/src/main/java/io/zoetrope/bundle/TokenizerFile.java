package io.zoetrope.bundle;

/**
 * The tokenizer.
 *
 * @param file in the Hugging Face {@code tokenizer.json} format
 * @param maxTokens the longest prompt, special tokens included
 * @param padToMultipleOf prompts are padded to a multiple of this many tokens
 */
public record TokenizerFile(DigestedFile file, int maxTokens, int padToMultipleOf) {}
