/** The tokenizer, as Deep Java Library binds Hugging Face's. */
@NullMarked
package io.zoetrope.djl;

import org.jspecify.annotations.NullMarked;
