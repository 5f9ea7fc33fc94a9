/** Tests that other software can use the output: Kafka clients without our code, FFmpeg's tools and a browser. */
@NullMarked
package io.zoetrope.outside;

import org.jspecify.annotations.NullMarked;
