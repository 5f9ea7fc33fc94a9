/** The records on the topics: Avro single-object bytes to and from prompts and outcomes. */
@NullMarked
package io.zoetrope.wire;

import org.jspecify.annotations.NullMarked;
