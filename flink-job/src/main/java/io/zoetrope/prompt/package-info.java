/**
 * Requests: their id, their seed, the record from which they were read, and the validation that converts a
 * {@link io.zoetrope.prompt.PromptRequest} to a {@link io.zoetrope.prompt.Prompt}.
 */
@NullMarked
package io.zoetrope.prompt;

import org.jspecify.annotations.NullMarked;
