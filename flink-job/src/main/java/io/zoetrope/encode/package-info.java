/** The encode stage, from frames to a playable segment: the port of the video encoder and its result. */
@NullMarked
package io.zoetrope.encode;

import org.jspecify.annotations.NullMarked;
