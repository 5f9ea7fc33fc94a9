/**
 * The generate stage: seeded noise, the port of the generator, which computes a velocity, and the samplers between
 * them.
 */
@NullMarked
package io.zoetrope.generate;

import org.jspecify.annotations.NullMarked;
