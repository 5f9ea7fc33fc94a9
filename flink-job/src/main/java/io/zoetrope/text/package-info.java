/** The text half of the model as ports: prompt to tokens, tokens to text embeddings. */
@NullMarked
package io.zoetrope.text;

import org.jspecify.annotations.NullMarked;
