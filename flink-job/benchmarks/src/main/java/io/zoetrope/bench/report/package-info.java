/** The findings of the measurements, as a table, as JSON and as plots. */
@NullMarked
package io.zoetrope.bench.report;

import org.jspecify.annotations.NullMarked;
