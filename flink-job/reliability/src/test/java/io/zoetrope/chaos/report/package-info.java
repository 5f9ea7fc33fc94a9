@NullMarked
package io.zoetrope.chaos.report;

import org.jspecify.annotations.NullMarked;
