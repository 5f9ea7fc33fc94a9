/** The records on the topics, generated from the {@code .avsc} files. Not null-marked, because Avro's code is not. */
package io.zoetrope.schema;
