/** Faults that the rules about packages must catch; no other test may use them. */
@NullMarked
package io.zoetrope.planted;

import org.jspecify.annotations.NullMarked;
