/** The tokenizer on Hugging Face's library, through its binding in Deep Java Library. */
@NullMarked
package io.zoetrope.djl;

import org.jspecify.annotations.NullMarked;
