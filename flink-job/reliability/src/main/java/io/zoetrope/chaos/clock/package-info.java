/** A wall clock that can be shifted while its process runs. */
@NullMarked
package io.zoetrope.chaos.clock;

import org.jspecify.annotations.NullMarked;
