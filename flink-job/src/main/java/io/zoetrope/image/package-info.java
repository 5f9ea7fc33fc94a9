/** The image half of the model as ports: an encoded image to pixels, pixels to the latents that a clip starts from. */
@NullMarked
package io.zoetrope.image;

import org.jspecify.annotations.NullMarked;
