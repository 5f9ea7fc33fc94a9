/** The whole job between its topics, and who fills and empties them. */
@NullMarked
package io.zoetrope.bench.job;

import org.jspecify.annotations.NullMarked;
