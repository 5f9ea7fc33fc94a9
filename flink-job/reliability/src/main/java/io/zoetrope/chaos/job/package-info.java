/** The job under test, and the device that stands in for the model. */
@NullMarked
package io.zoetrope.chaos.job;

import org.jspecify.annotations.NullMarked;
