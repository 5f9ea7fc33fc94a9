/** The whole job with its topics, and the clients that publish its prompts and read its videos. */
@NullMarked
package io.zoetrope.bench.job;

import org.jspecify.annotations.NullMarked;
