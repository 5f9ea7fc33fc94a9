/**
 * The devices that a model can run on, how an operator names them, and the gauges of one device. Imports nothing but
 * the JDK: code that only reads devices or gauges needs no model runtime.
 */
@NullMarked
package io.zoetrope.device;

import org.jspecify.annotations.NullMarked;
