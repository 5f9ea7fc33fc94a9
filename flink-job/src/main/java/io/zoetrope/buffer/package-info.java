/** Memory outside the heap that is used again: a pool of direct buffers, handed out in counted parts. */
@NullMarked
package io.zoetrope.buffer;

import org.jspecify.annotations.NullMarked;
