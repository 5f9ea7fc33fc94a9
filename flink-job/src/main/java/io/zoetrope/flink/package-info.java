/**
 * The job's Flink operators, source and sink: read prompts, admit each request once, generate its video, publish the
 * answer.
 */
@NullMarked
package io.zoetrope.flink;

import org.jspecify.annotations.NullMarked;
