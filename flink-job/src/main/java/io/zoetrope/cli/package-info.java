/** The launcher's subcommands: demo, up, prompt, watch, topics and job. */
@NullMarked
package io.zoetrope.cli;

import org.jspecify.annotations.NullMarked;
