/** The catalog of topics, which is one reviewed file; the provisioning of topics; and an in-process Kafka broker. */
@NullMarked
package io.zoetrope.kafka;

import org.jspecify.annotations.NullMarked;
