@NullMarked
package io.zoetrope.chaos;

import org.jspecify.annotations.NullMarked;
