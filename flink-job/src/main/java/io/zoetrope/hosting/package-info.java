/**
 * Hosts a model's stages on the devices of a process. One model has one set of lanes per device, which all task slots
 * share by leases. Imports the stages' ports, {@code lane} and {@code device}; must not import Flink, Kafka, or an
 * adapter such as {@code onnx}.
 */
@NullMarked
package io.zoetrope.hosting;

import org.jspecify.annotations.NullMarked;
