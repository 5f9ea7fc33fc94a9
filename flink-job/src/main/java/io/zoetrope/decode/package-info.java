/** From latents to pictures: the decoder port and the frames it yields. */
@NullMarked
package io.zoetrope.decode;

import org.jspecify.annotations.NullMarked;
