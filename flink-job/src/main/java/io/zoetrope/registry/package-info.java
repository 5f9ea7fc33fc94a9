/** The schema registry: which schema an id means, and under which ids the job's own schemas are registered. */
@NullMarked
package io.zoetrope.registry;

import org.jspecify.annotations.NullMarked;
