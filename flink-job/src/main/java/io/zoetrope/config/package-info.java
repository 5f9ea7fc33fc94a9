/**
 * The job's options. Each is defined once. They are read from a YAML file and the command line, and all problems are
 * reported together.
 */
@NullMarked
package io.zoetrope.config;

import org.jspecify.annotations.NullMarked;
