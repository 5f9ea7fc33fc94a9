/** The records on the topics, generated from the {@code .avsc} files; not null-marked, for Avro's code is not. */
package io.zoetrope.schema;
