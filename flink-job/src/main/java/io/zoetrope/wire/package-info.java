/** The encoding of the records on the topics: prompts and outcomes in Avro's single-object encoding. */
@NullMarked
package io.zoetrope.wire;

import org.jspecify.annotations.NullMarked;
