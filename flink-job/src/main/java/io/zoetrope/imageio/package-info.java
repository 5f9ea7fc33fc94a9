/** Images decoded by the JDK's ImageIO, and scaled. */
@NullMarked
package io.zoetrope.imageio;

import org.jspecify.annotations.NullMarked;
