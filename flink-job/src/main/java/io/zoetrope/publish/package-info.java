/** The outcome of a request: exactly one video or one failure. */
@NullMarked
package io.zoetrope.publish;

import org.jspecify.annotations.NullMarked;
