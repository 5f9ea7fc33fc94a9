/** A simulation of scaling against a day of prompts, in virtual time. */
@NullMarked
package io.zoetrope.scaling;

import org.jspecify.annotations.NullMarked;
