/** Processes of this machine, their signals and their use of resources. */
@NullMarked
package io.zoetrope.chaos.process;

import org.jspecify.annotations.NullMarked;
