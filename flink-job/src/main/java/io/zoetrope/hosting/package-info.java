/** A model's stages on the devices of a process: lanes, leases and placement, shared by all slots. */
@NullMarked
package io.zoetrope.hosting;

import org.jspecify.annotations.NullMarked;
