/** The job's options: each defined once, read from a YAML file and the command line, every problem reported together. */
@NullMarked
package io.zoetrope.config;

import org.jspecify.annotations.NullMarked;
