/** What somebody else would use. */
@NullMarked
package io.zoetrope.bench.peer;

import org.jspecify.annotations.NullMarked;
