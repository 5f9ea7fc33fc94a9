/** Which version of a model answers a prompt: the log of moves, as a function of time. */
@NullMarked
package io.zoetrope.rollout;

import org.jspecify.annotations.NullMarked;
