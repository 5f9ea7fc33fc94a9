/** The decode stage, from latents to frames: the port of the decoder and its result. */
@NullMarked
package io.zoetrope.decode;

import org.jspecify.annotations.NullMarked;
