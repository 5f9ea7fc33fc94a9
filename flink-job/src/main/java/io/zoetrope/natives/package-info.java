/** The folder that native libraries are unpacked to and loaded from. */
@NullMarked
package io.zoetrope.natives;

import org.jspecify.annotations.NullMarked;
