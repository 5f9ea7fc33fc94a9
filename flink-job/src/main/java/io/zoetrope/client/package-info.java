/**
 * The settings of all Kafka clients: the addresses, the operator's own settings, and references to secrets, which are
 * resolved where a client is created.
 */
@NullMarked
package io.zoetrope.client;

import org.jspecify.annotations.NullMarked;
