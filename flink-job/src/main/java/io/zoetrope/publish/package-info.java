/** How a request ends: as its video or as one failure, and nothing else. */
@NullMarked
package io.zoetrope.publish;

import org.jspecify.annotations.NullMarked;
