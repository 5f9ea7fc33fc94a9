/** Planted faults that the package rules have to detect. No other test may use them. */
@NullMarked
package io.zoetrope.planted;

import org.jspecify.annotations.NullMarked;
