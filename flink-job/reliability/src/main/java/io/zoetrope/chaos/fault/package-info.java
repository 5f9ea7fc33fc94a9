/** The faults, one class per kind. */
@NullMarked
package io.zoetrope.chaos.fault;

import org.jspecify.annotations.NullMarked;
