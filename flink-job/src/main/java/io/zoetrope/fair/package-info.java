/** Which waiting request is next: deadlines first, then fair shares over tenants. No Flink and no Kafka. */
@NullMarked
package io.zoetrope.fair;

import org.jspecify.annotations.NullMarked;
