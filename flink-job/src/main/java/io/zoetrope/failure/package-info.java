/** Why one request, and it alone, cannot be answered with a video: the codes and the exception that carries them. */
@NullMarked
package io.zoetrope.failure;

import org.jspecify.annotations.NullMarked;
