/** What happened, as Markdown and as JSON. */
@NullMarked
package io.zoetrope.chaos.report;

import org.jspecify.annotations.NullMarked;
