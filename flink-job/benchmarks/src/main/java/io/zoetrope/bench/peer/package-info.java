/** The peers: systems that a user could choose instead of Zoetrope. */
@NullMarked
package io.zoetrope.bench.peer;

import org.jspecify.annotations.NullMarked;
