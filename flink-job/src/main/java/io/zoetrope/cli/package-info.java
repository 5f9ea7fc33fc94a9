/** The subcommands of the launcher: demo, up, prompt, watch, topics and job. */
@NullMarked
package io.zoetrope.cli;

import org.jspecify.annotations.NullMarked;
