/** The topics as one reviewed file, their provisioning, and a Kafka broker inside this process. */
@NullMarked
package io.zoetrope.kafka;

import org.jspecify.annotations.NullMarked;
