/**
 * The ports of the text stages, from prompt to tokens and from tokens to text embeddings, and the data between them.
 */
@NullMarked
package io.zoetrope.text;

import org.jspecify.annotations.NullMarked;
