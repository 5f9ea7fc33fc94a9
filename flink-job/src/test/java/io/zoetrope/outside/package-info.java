/** Proofs that others can use what comes out: a foreign Kafka client, FFmpeg's tools and a browser. */
@NullMarked
package io.zoetrope.outside;

import org.jspecify.annotations.NullMarked;
