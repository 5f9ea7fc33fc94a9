package io.zoetrope.text;

/** Cuts a prompt into the text encoder's vocabulary. Safe for many threads at once. */
public interface Tokenizer {
    /**
     * Gives a prompt's token ids, padded.
     *
     * @throws io.zoetrope.failure.RequestException PROMPT_TOO_LONG if the prompt has more tokens than the model reads;
     *     a prompt is never cut silently
     */
    Tokens tokenize(String prompt);
}
