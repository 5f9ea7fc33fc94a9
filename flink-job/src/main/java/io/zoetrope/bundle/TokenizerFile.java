package io.zoetrope.bundle;

/**
 * The tokenizer of a bundle and its limits.
 *
 * @param file a file in the Hugging Face {@code tokenizer.json} format
 * @param maxTokens the maximum number of tokens of a prompt, special tokens included
 * @param padToMultipleOf the number of tokens to a multiple of which prompts are padded
 * @param cleaning how a prompt is changed before it is tokenized
 */
public record TokenizerFile(DigestedFile file, int maxTokens, int padToMultipleOf, PromptCleaning cleaning) {
    /** How a prompt is changed before it is tokenized. */
    public enum PromptCleaning {
        /** Not at all. */
        NONE,
        /** As the published models were trained on texts of the web: see docs/bundle-format.md. */
        WEB_TEXT
    }

    /** Returns the number of tokens that a prompt of this many tokens is padded to. */
    public long paddedLength(int tokens) {
        return ((long) tokens + padToMultipleOf - 1) / padToMultipleOf * padToMultipleOf;
    }
}
