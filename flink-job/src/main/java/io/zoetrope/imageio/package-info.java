/** The picture reader on the JDK's ImageIO: it decodes PNG and JPEG and scales them. */
@NullMarked
package io.zoetrope.imageio;

import org.jspecify.annotations.NullMarked;
