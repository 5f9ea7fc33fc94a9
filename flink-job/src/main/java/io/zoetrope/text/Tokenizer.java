package io.zoetrope.text;

/** Turns a prompt into token ids of the text encoder's vocabulary. It is safe for many threads at once. */
public interface Tokenizer {
    /**
     * Returns a prompt's token ids, padded.
     *
     * @throws io.zoetrope.failure.RequestException PROMPT_TOO_LONG if the prompt has more tokens than the model reads;
     *     a prompt is never truncated silently
     */
    Tokens tokenize(String prompt);
}
