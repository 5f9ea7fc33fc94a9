/** Brokers for tests. */
@NullMarked
package io.zoetrope.kafka;

import org.jspecify.annotations.NullMarked;
