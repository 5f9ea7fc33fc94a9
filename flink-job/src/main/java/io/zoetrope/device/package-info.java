/** What a model can run on, and how users of one thing in a process share it. */
@NullMarked
package io.zoetrope.device;

import org.jspecify.annotations.NullMarked;
