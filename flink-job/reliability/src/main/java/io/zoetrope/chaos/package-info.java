/** The command {@code ./zoetrope chaos}: faults on a cluster of separate processes, and the audit of all answers. */
@NullMarked
package io.zoetrope.chaos;

import org.jspecify.annotations.NullMarked;
