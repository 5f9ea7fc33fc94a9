/** A pool of direct buffers: memory outside the heap that is reused, and shared in reference-counted parts. */
@NullMarked
package io.zoetrope.buffer;

import org.jspecify.annotations.NullMarked;
