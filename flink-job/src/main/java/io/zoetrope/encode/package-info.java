/** From frames to bytes that play: the encoder port and the segment it yields. */
@NullMarked
package io.zoetrope.encode;

import org.jspecify.annotations.NullMarked;
